package serve

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"pslan/internal/wording"
)

// The kinds of trouble. Those before the call leave it undone; those after it have
// it done.
const (
	TroubleLatency   = "latency"      // before: it takes For longer
	TroubleBusy      = "503"          // before: Service Unavailable
	TroubleRestart   = "restart-page" // before: the HTML page of an application pool that starts again
	TroubleLogin     = "login-page"   // before: the HTML of a login form, with status 200
	TroubleRedirect  = "redirect"     // before: to the console's page for those without rights
	TroubleRefuse    = "cut-before"   // before: the connection ends
	TroubleFail      = "exception"    // before: an internal exception
	TroubleFalse     = "false"        // before: methods that return a boolean return false
	TroubleReset     = "cut-after"    // after: the connection ends without an answer
	TroubleTruncated = "truncated"    // after: half of the answer
	TroubleLate      = "late"         // after: the answer comes For later
)

var troubleKinds = []string{TroubleLatency, TroubleBusy, TroubleRestart, TroubleLogin, TroubleRedirect, TroubleRefuse,
	TroubleFail, TroubleFalse, TroubleReset, TroubleTruncated, TroubleLate}

// Trouble is something that goes wrong with calls.
type Trouble struct {
	Kind string `json:"kind"`
	// Method is the name of a method on the wire or in the documents, "reads",
	// "writes", or "*" or "" for all.
	Method string `json:"method,omitempty"`
	Skip   int    `json:"skip,omitempty"`  // so many calls that it would meet go well first
	Count  int    `json:"count,omitempty"` // and so many meet it; 0: all
	// Chance that a call meets it, from 0 to 1; 0: it does. Drawn from the seed.
	Chance float64 `json:"chance,omitempty"`
	For    Span    `json:"for,omitempty"` // latency and late, in real time; 0: two seconds
}

// Span is a duration that JSON writes as "1.5s".
type Span time.Duration

// MarshalText writes the duration.
func (s Span) MarshalText() ([]byte, error) { return []byte(time.Duration(s).String()), nil }

// UnmarshalText reads it.
func (s *Span) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	*s = Span(d)
	return err
}

func (t *Trouble) check() error {
	switch {
	case !slices.Contains(troubleKinds, t.Kind):
		return fmt.Errorf("there is no trouble %q; there are: %s.%s", t.Kind, strings.Join(troubleKinds, ", "), wording.DidYouMean(t.Kind, troubleKinds))
	case t.Skip < 0 || t.Count < 0:
		return fmt.Errorf("the trouble %s: a count cannot be less than nothing", t.Kind)
	case !(t.Chance >= 0 && t.Chance <= 1):
		return fmt.Errorf("the trouble %s: a chance is from 0 to 1", t.Kind)
	case t.For < 0 || t.For > Span(time.Hour):
		return fmt.Errorf("the trouble %s: it can last up to an hour", t.Kind)
	}
	return nil
}

// ParseTrouble reads METHOD:KIND, METHOD:KIND:3 (three times), METHOD:KIND:20% (by
// chance) or METHOD:KIND:3:1.5s.
func ParseTrouble(word string) (Trouble, error) {
	parts := strings.Split(word, ":")
	if len(parts) < 2 || len(parts) > 4 {
		return Trouble{}, fmt.Errorf("%q is not written as METHOD:KIND, METHOD:KIND:COUNT, METHOD:KIND:CHANCE%% or METHOD:KIND:COUNT:DURATION", word)
	}
	t := Trouble{Method: parts[0], Kind: parts[1]}
	if len(parts) > 2 && parts[2] != "" {
		percent, isChance := strings.CutSuffix(parts[2], "%")
		n, err := strconv.Atoi(percent)
		if err != nil || n < 1 {
			return t, fmt.Errorf("%q: %q is neither a count nor a chance such as 20%%", word, parts[2])
		}
		if t.Count = n; isChance {
			t.Count, t.Chance = 0, float64(n)/100
		}
	}
	if len(parts) > 3 {
		if err := t.For.UnmarshalText([]byte(parts[3])); err != nil {
			return t, fmt.Errorf("%q: %q is no duration such as 1.5s", word, parts[3])
		}
	}
	return t, t.check()
}

func (t *Trouble) meets(v *variant) bool {
	switch t.Method {
	case "", "*":
		return true
	case "reads":
		return !v.method.changes
	case "writes":
		return v.method.changes
	}
	return t.Method == v.name || t.Method == v.method.name
}

// trouble draws what a call meets, nil for nothing. Call it once for each call.
func (s *Server) trouble(v *variant, r *draws) *Trouble {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.dialect.Troubles {
		t := &s.dialect.Troubles[i]
		if !t.meets(v) || t.Chance > 0 && r.chance() >= t.Chance {
			continue
		}
		s.met[i]++
		if n := s.met[i]; n <= t.Skip || t.Count > 0 && n > t.Skip+t.Count {
			continue
		}
		return t
	}
	return nil
}

// wait lets real time pass.
func (t *Trouble) wait(ctx context.Context) {
	d := time.Duration(t.For)
	if d == 0 {
		d = 2 * time.Second
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

const (
	loginPage   = "<!DOCTYPE html>\n<html><head><title>Log in</title></head><body><form method=\"post\"><input name=\"user\"><input name=\"password\" type=\"password\"></form></body></html>\n"
	restartPage = "<html><head><title>Server Application Unavailable</title></head><body><h1>Server Application Unavailable</h1><p>The web application you are attempting to access on this web server is currently unavailable.</p></body></html>\n"
	busyPage    = "<html><head><title>Service Unavailable</title></head><body><h2>Service Unavailable</h2><hr><p>HTTP Error 503. The service is unavailable.</p></body></html>\n"
	deniedPath  = "/Altiris/NS/access_denied.aspx"
)

// before has a trouble happen that leaves the call undone; false: go on.
func (t *Trouble) before(w http.ResponseWriter, r *http.Request) bool {
	switch t.Kind {
	case TroubleLatency:
		t.wait(r.Context())
		return false
	case TroubleBusy:
		w.Header().Set("Retry-After", "1")
		page(w, http.StatusServiceUnavailable, busyPage)
	case TroubleRestart:
		page(w, http.StatusInternalServerError, restartPage)
	case TroubleLogin:
		page(w, http.StatusOK, loginPage)
	case TroubleRedirect:
		w.Header().Set("Location", deniedPath)
		page(w, http.StatusFound, "")
	case TroubleRefuse:
		cut()
	default:
		return false
	}
	return true
}

func page(w http.ResponseWriter, status int, html string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(html)) // whoever asked may be gone
}

// cut ends the connection without an answer, or with what there is of one.
func cut() { panic(http.ErrAbortHandler) }
