package lab_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pslan/internal/estate"
	"pslan/internal/lab"
	"pslan/internal/lab/world"
	"pslan/internal/platform"
)

// TestMessages: everything that can be said wrongly is answered with what is
// wrong and what there is.
func TestMessages(t *testing.T) {
	seed := smallEstate(t)
	seed.Preboots = []estate.Preboot{{Name: "WinPE", GUID: guidOf("WinPE"), ConnectsTo: "smp01"}}
	seed.Images = append(seed.Images, seed.Images[0])
	twin := &seed.Images[len(seed.Images)-1]
	twin.Name, twin.GUID, twin.Package = "b", guidOf("twin"), guidOf("twin package")
	seed.SortImages()
	l, err := lab.Open(lab.Options{Seed: seed, Disk: lab.NewMemory()})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ command, says, hint string }{
		{"break", "needs to be told what", "Known are: off, on"},
		{"break PS009 of", `knows no "of"`, `Did you mean "off"?`},
		{"break PS09 off", `no package server "PS09"`, `Did you mean "PS009"? The package servers are: PS008, PS009, PS010.`},
		{"break PS009 empty", "IMAGE is missing", "Write: pslan lab break SERVER empty IMAGE"},
		{"break PS009 empty X", `no image "X"`, "The images are: A, "},
		{"break PS009 empty B", `2 images are called "B"`, "Name one by its GUID"},
		{"break PS009 off now", `a word too many: "now"`, "Write: pslan lab break SERVER off"},
		{"break PS010 wrong A", "is empty, so no byte of it can be wrong", ""},
		{"break PS010 cut A", "downloads nothing of A now", "lab show"},
		{"break jump far", `"far" is no duration`, ""},
		{"break in later PS009 off", `"later" is no duration`, ""},
		{"break fail-next asign", `no request "asign"`, `Did you mean "assign"?`},
		{"break operator lat", `cannot be "lat"`, `Did you mean "late"?`},
		{"break random 0", `"0" is no number`, ""},
		{"break assignment A site:HX", `no site "HX"`, `Did you mean "HQ"?`},
		{"break assignment A PS008 site:HQ", "not both", ""},
		{"break assignment A smp", "cannot be assigned", ""},
		{"do take-ownership PS010", "IMAGE is missing", "Write: pslan lab do take-ownership SERVER IMAGE"},
		{"do take-ownership smp A", "the SMP cannot take ownership", ""},
		{"do take_ownerhip PS010 A", "knows no", `Did you mean "take-ownership"?`},
		{"do convert A", "has the managed format already", ""},
		{"do copy-files D here", `"here" is no location`, `\\smp02\`},
		{"do copy-files A " + `\\smp02\I`, "lie in the package folder of PS008", ""},
		{"do set-location A " + `\\smp02\I`, "not kept on the SMP", ""},
		{"do change-profile WinPF smp02", `no preboot configuration "WinPF"`, `Did you mean "WinPE"?`},
		{"do assign C all", "has no package", "converted"},
		{"do empty PS009 A", `lab do knows no "empty"`, ""},
	} {
		t.Run(test.command, func(t *testing.T) {
			words := strings.Fields(test.command)
			do := l.Do
			if words[0] == "break" {
				do = l.Break
			}
			err := do(words[1:])
			var typed *platform.Error
			if !errors.As(err, &typed) {
				t.Fatalf("%v", err)
			}
			if !strings.Contains(err.Error(), test.says) || !strings.Contains(typed.Hint, test.hint) {
				t.Errorf("says %q, hint %q", err, typed.Hint)
			}
		})
	}
	for _, text := range []string{lab.BreakHelp(), lab.DoHelp()} {
		if strings.Count(text, "\n") < 10 {
			t.Errorf("help:\n%s", text)
		}
	}
}

// TestEveryFaultFires: each verb of lab break leaves a trace in what happens, in
// the files, or in an answer.
func TestEveryFaultFires(t *testing.T) {
	e := smallEstate(t)
	take := func(l *lab.Lab) error { return l.TakeOwnership(context.Background(), refTo(e, "A"), "PS009") }
	for _, test := range []struct {
		fault string
		then  func(l *lab.Lab) error
		trace string // something that happens, or the error of then
	}{
		{"PS009 off", nil, "off"},
		{"PS009 full", nil, "full"},
		{"PS009 slow", nil, "slow"},
		{"PS009 stuck", nil, "stuck"},
		{"PS009 lose-status", func(l *lab.Lab) error { return l.Advance(2 * time.Hour) }, "status event lost"},
		{"PS009 empty A", nil, "empty"},
		{"PS009 missing A", nil, "missing"},
		{"PS009 partial A", nil, "partial"},
		{"PS009 wrong A", nil, "wrong"},
		{"in 16m PS009 cut B", func(l *lab.Lab) error {
			return errors.Join(l.Do([]string{"refresh", "PS009"}), l.Break([]string{"PS009", "slow"}), l.Advance(time.Hour))
		}, "cut"},
		{"owner A PS010", nil, "ownership taken"},
		{"assignment A PS008", nil, "assignment changed"},
		{"fail-next take-ownership", take, "request failed"},
		{"lose-answer take-ownership", take, "answer lost"},
		{"ignore-next any", take, "request ignored"},
		{"jump 3h", nil, "clock jumped"},
		{"hang-update 100h", func(l *lab.Lab) error {
			return errors.Join(l.Do([]string{"update-membership"}), l.Advance(99*time.Hour))
		}, "-membership update ended"},
		{"operator never", func(l *lab.Lab) error {
			task := platform.OperatorTask{Op: platform.OpClearCopy, Image: refTo(e, "A"), Server: "PS009"}
			return errors.Join(l.AskOperator(context.Background(), task), l.Advance(2*time.Hour))
		}, "-copy cleared"},
		{"random 200 24h", func(l *lab.Lab) error { return l.Advance(30 * time.Hour) }, "on"},
	} {
		t.Run(test.fault, func(t *testing.T) {
			seen := map[string]bool{}
			l, err := lab.Open(lab.Options{Seed: e, Disk: lab.NewMemory(), Trace: func(h world.Happening) { seen[h.What] = true }})
			if err != nil {
				t.Fatal(err)
			}
			if err := l.Break(strings.Fields(test.fault)); err != nil {
				t.Fatal(err)
			}
			if test.then != nil {
				var typed *platform.Error
				if err := test.then(l); err != nil && (!errors.As(err, &typed) || typed.Kind == platform.KindBadInput) {
					t.Fatal(err)
				}
			}
			want, absent := strings.CutPrefix(test.trace, "-")
			if seen[want] == absent {
				t.Errorf("%q: %t; happened: %v", want, seen[want], seen)
			}
		})
	}
}

// history plays a drawn sequence of requests, faults and time, and returns what came
// of it: everything that happened, and how it all stands.
func history(t *testing.T, e *estate.Estate, random int64, commands [][]string) string {
	memory := lab.NewMemory()
	var told strings.Builder
	l, err := lab.Open(lab.Options{Seed: e, Random: random, Disk: memory, Trace: func(h world.Happening) { fmt.Fprintln(&told, h) }})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range commands {
		run := map[string]func([]string) error{"do": l.Do, "break": l.Break, "pause": func([]string) error {
			return l.Pause(context.Background(), time.Second, l.Now().Add(2*time.Hour))
		}}[c[0]]
		fmt.Fprintln(&told, run(c[1:]))
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return told.String() + picture(t, memory)
}

// drawCommands draws what somebody might do to a lab.
func drawCommands(rt *rapid.T) [][]string {
	server := rapid.SampledFrom([]string{"PS008", "PS009", "PS010"})
	image := rapid.SampledFrom([]string{"A", "B", "C", "D"})
	one := rapid.Custom(func(rt *rapid.T) []string {
		s, i := server.Draw(rt, "server"), image.Draw(rt, "image")
		return rapid.SampledFrom([][]string{
			{"pause"}, {"pause"}, {"pause"}, {"do", "refresh", s}, {"do", "update-membership"}, {"do", "take-ownership", s, i},
			{"do", "assign", i, s}, {"do", "assign", i, "all"}, {"do", "clear-copy", s, i}, {"do", "put-files", s, i}, {"do", "convert", i},
			{"break", s, "off"}, {"break", s, "on"}, {"break", s, "empty", i}, {"break", s, "partial", i}, {"break", s, "wrong", i},
			{"break", s, "full"}, {"break", s, "room"}, {"break", s, "stuck"}, {"break", "owner", i, s}, {"break", "jump", "5h"},
			{"break", "jump", "-1h"}, {"break", "random", "5", "6h"}, {"break", "hang-update"}, {"do", "retire", s},
		}).Draw(rt, "command")
	})
	return rapid.SliceOfN(one, 1, 40).Draw(rt, "commands")
}

// TestOneSeedOneHistory: the same seed and the same commands, the same history.
func TestOneSeedOneHistory(t *testing.T) {
	e := smallEstate(t)
	rapid.Check(t, func(rt *rapid.T) {
		commands := drawCommands(rt)
		random := rapid.Int64Range(1, 1000).Draw(rt, "seed")
		if one, two := history(t, e, random, commands), history(t, e, random, commands); one != two {
			rt.Fatalf("two histories:\n%s\n\n%s", one, two)
		}
	})
}

// TestReopenedAnytime: closing a lab between any two commands changes nothing.
func TestReopenedAnytime(t *testing.T) {
	e := smallEstate(t)
	rapid.Check(t, func(rt *rapid.T) {
		commands := drawCommands(rt)
		one, two := lab.NewMemory(), lab.NewMemory()
		whole, err := lab.Open(lab.Options{Seed: e, Random: 3, Disk: one})
		if err != nil {
			rt.Fatal(err)
		}
		for _, c := range commands {
			again, err := lab.Open(lab.Options{Seed: e, Random: 3, Disk: two})
			if err != nil {
				rt.Fatal(err)
			}
			for _, l := range []*lab.Lab{whole, again} {
				switch c[0] {
				case "do":
					_ = l.Do(c[1:]) // what is refused is refused in both
				case "break":
					_ = l.Break(c[1:])
				case "pause":
					if err := l.Pause(context.Background(), time.Second, l.Now().Add(2*time.Hour)); err != nil {
						rt.Fatal(err)
					}
				}
			}
			if err := again.Close(); err != nil {
				rt.Fatal(err)
			}
		}
		if err := whole.Close(); err != nil {
			rt.Fatal(err)
		}
		if a, b := picture(t, one), picture(t, two); a != b {
			rt.Fatalf("whole\n%s\nreopened\n%s", a, b)
		}
		if a, b := worldOf(rt, one), worldOf(rt, two); a != b {
			rt.Fatalf("whole\n%s\nreopened\n%s", a, b)
		}
	})
}

// worldOf is the saved state without the number of its generation.
func worldOf(rt *rapid.T, m *lab.Memory) string {
	data, err := m.ReadFrom("lab.json", 0)
	if err != nil {
		rt.Fatal(err)
	}
	_, state, _ := strings.Cut(string(data), `"world":`)
	return state
}
