package serve

func (s *Server) wsdl(p *endpoint, address string) []byte { return nil }
