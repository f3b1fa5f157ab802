package wording

import "testing"

func TestClause(t *testing.T) {
	for sentence, want := range map[string]string{
		"Ask again; if it stays so, look into the log.": "ask again; if it stays so, look into the log",
		"PS010 is off.":  "PS010 is off",
		"try again":      "try again",
		"A server. Two.": "A server. Two",
		"":               "",
		".":              "",
		"Über allem.":    "über allem",
	} {
		if got := Clause(sentence); got != want {
			t.Errorf("%q becomes %q, want %q", sentence, got, want)
		}
	}
}
