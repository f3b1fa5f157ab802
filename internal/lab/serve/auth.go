package serve

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"sync"

	"pslan/internal/estate"
)

// connection is the key of a connection's loginState; who the key of who called.
type (
	connection struct{}
	who        struct{}
)

// loginState is how far a connection has come with its login: NTLM logs connections
// in, not calls.
type loginState struct {
	mu         sync.Mutex
	user       string // "" until the login is complete
	challenge  [8]byte
	negotiate  []byte // the messages so far, which the check of the third covers
	challenged []byte
	// elsewhere: it is no login to the web services, whose certificate is not in it.
	elsewhere bool
}

const maxToken = 64 << 10

// admit lets those in who may log in; others get a 401 and their next step. It
// returns the request with who it is.
func (s *Server) admit(w http.ResponseWriter, r *http.Request) (*http.Request, bool) {
	if len(s.dialect.Logins) == 0 {
		return r, true
	}
	state, _ := r.Context().Value(connection{}).(*loginState)
	if state == nil {
		state = &loginState{} // nobody told of the connection: every call is a new one
	}
	state.mu.Lock()
	defer state.mu.Unlock()
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	offered := slices.ContainsFunc(s.dialect.Logins, func(have string) bool { return strings.EqualFold(have, scheme) })
	user := ""
	switch {
	case scheme == "":
		user = state.user
	case !offered:
	case strings.EqualFold(scheme, "Basic"):
		name, password, ok := r.BasicAuth()
		if ok {
			user = s.known(name, password)
		}
	default:
		var answer string
		if user, answer = s.ntlm(state, token); answer != "" {
			w.Header().Add("WWW-Authenticate", scheme+" "+answer)
		}
		if state.user = user; user == "" && answer != "" {
			page(w, http.StatusUnauthorized, unauthorized)
			return r, false
		}
	}
	if user == "" {
		state.user = ""
		for _, name := range s.dialect.Logins {
			if name == "Basic" {
				name = `Basic realm="pslan lab"`
			}
			w.Header().Add("WWW-Authenticate", name)
		}
		page(w, http.StatusUnauthorized, unauthorized)
		return r, false
	}
	return r.WithContext(context.WithValue(r.Context(), who{}, user)), true
}

const unauthorized = "<html><head><title>401 - Unauthorized</title></head><body><h2>401 - Unauthorized: Access is denied due to invalid credentials.</h2></body></html>\n"

func userOf(r *http.Request) string {
	user, _ := r.Context().Value(who{}).(string)
	return user
}

// known returns the user with a name and a password, "" if there is none.
func (s *Server) known(name, password string) string {
	given := NewUser(name, password)
	for _, u := range s.users {
		if u.is(given.Domain, given.Name) && subtle.ConstantTimeCompare([]byte(u.password), []byte(password)) == 1 {
			return u.String()
		}
	}
	return ""
}

// is tells whether a login means this user. A domain counts where both name one.
func (u User) is(domain, name string) bool {
	if user, suffix, ok := strings.Cut(name, "@"); ok && domain == "" {
		domain, _, _ = strings.Cut(suffix, ".")
		name = user
	}
	same := func(a, b string) bool { return estate.Fold(a) == estate.Fold(b) }
	return same(u.Name, name) && (u.Domain == "" || domain == "" || domain == "." || same(u.Domain, domain))
}

// ntlm takes a login one message on: it returns the user when it is complete, and
// the token to answer with.
func (s *Server) ntlm(state *loginState, text string) (user, answer string) {
	token, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(token) > maxToken {
		return "", ""
	}
	message, wrapped, err := unwrap(token)
	if err != nil {
		return "", ""
	}
	var reply []byte
	left := acceptIncomplete
	switch {
	case message == nil: // it began with another mechanism: NTLM, please
	case ntlmKind(message) == 1:
		_, _ = rand.Read(state.challenge[:]) // never fails
		state.negotiate = message
		state.challenged = ntlmChallenge(message, state.challenge, s.domain(), "SMP", s.lab.Now())
		reply = state.challenged
	case ntlmKind(message) == 3 && state.challenged != nil:
		user = s.proven(state, message)
		state.negotiate, state.challenged = nil, nil
		if user == "" || !wrapped {
			return user, ""
		}
		left = acceptCompleted
	default:
		return "", ""
	}
	if wrapped {
		if reply, err = wrap(reply, left); err != nil {
			return "", ""
		}
	}
	return user, base64.StdEncoding.EncodeToString(reply)
}

// domain is the one that the server says it is in.
func (s *Server) domain() string {
	for _, u := range s.users {
		if u.Domain != "" {
			return strings.ToUpper(u.Domain)
		}
	}
	return "LAB"
}

func (s *Server) proven(state *loginState, message []byte) string {
	a, err := readAuthenticate(message)
	if err != nil || s.dialect.ChannelBinding == "required" && !state.elsewhere && !a.bound(s.certificate) {
		return ""
	}
	for _, u := range s.users {
		if u.is(a.domain, a.user) && a.verify(u.password, state.challenge, state.negotiate, state.challenged) {
			return u.String()
		}
	}
	return ""
}
