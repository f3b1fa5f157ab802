package serve

import "net/http"

type connection struct{}

type loginState struct{}

func (s *Server) admit(http.ResponseWriter, *http.Request) bool { return true }

func userOf(*http.Request) string { return "" }
