package view_test

import (
	"strings"
	"testing"

	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/proposal"
	"pslan/internal/view"
	"pslan/internal/view/sample"
)

func TestUndeclaredImages(t *testing.T) {
	changes := func(moves ...sample.Move) []diff.Change {
		var all []diff.Change
		for i, m := range moves {
			m.N, m.Name, m.From, m.To, m.Gets = i, "IMG", "PS008", "PS010", true
			all = append(all, m.Changes()...)
		}
		return all
	}
	declared := sample.Move{Address: "image.win11"}
	kiosk, lobby := sample.Move{Address: estate.UndeclaredImage("KIOSK")}, sample.Move{Address: estate.UndeclaredImage("LOBBY")}
	blocked := sample.Move{Address: estate.UndeclaredImage("DESK"), Blocked: []finding.Code{"PSL108"}}
	tests := []struct {
		name       string
		undeclared int
		changes    []diff.Change
		want       string
	}{
		{"one", 1, changes(declared), "1 image is not declared, and is left alone."},
		{"several", 3, changes(declared), "3 images are not declared, and are left alone."},
		{"blocked", 1, changes(blocked), "1 image is not declared, and is left alone."},
		{"one moves", 1, changes(declared, kiosk), "1 image is not declared, and changes because of the lifecycle of a server."},
		{"all move", 2, changes(kiosk, lobby), "2 images are not declared, and change because of the lifecycle of a server."},
		{"one of several moves", 3, changes(kiosk, blocked), "3 images are not declared. 1 of them changes because of the lifecycle of a server; the rest is left alone."},
		{"some move", 3, changes(kiosk, lobby, blocked), "3 images are not declared. 2 of them change because of the lifecycle of a server; the rest is left alone."},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			p := &proposal.Proposal{Meta: sample.Meta(), Plan: sample.Plan(c.changes, nil), Undeclared: c.undeclared}
			if text := planText(p, view.PlanOptions{}, nil); !strings.Contains(text, "\n"+c.want+"\n") {
				t.Errorf("want the line %q in:\n%s", c.want, text)
			}
		})
	}
	if text := planText(sample.One(), view.PlanOptions{}, nil); strings.Contains(text, "not declared") {
		t.Errorf("a plan in which every image is declared speaks of others:\n%s", text)
	}
}
