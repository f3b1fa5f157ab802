package apply

import (
	"fmt"
	"strings"
	"time"

	"pslan/internal/estate"
)

// count writes a number with its noun.
func count(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// brief writes a duration without the units that are zero: 4h, 9m40s.
func brief(d time.Duration) string {
	if d >= time.Second {
		d = d.Round(time.Second)
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// clock writes a moment of the platform's time.
func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }

// assigned writes an assignment for people.
func assigned(n estate.AssignmentNames) string {
	switch n.Mode {
	case estate.AssignAll:
		return "all package servers"
	case estate.AssignServers:
		if len(n.Servers) == 0 {
			return "no server"
		}
		return strings.Join(n.Servers, ", ")
	case estate.AssignSites, estate.AssignAutomatic:
		text := "the sites " + strings.Join(n.Sites, ", ")
		if n.Mode == estate.AssignAutomatic {
			text += " and those of targeted computers"
		}
		return text
	default:
		return "not known"
	}
}
