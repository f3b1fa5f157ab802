package view_test

import (
	"bytes"
	"testing"

	"pslan/internal/diag"
	"pslan/internal/view"
	"pslan/internal/view/sample"
)

func problems() diag.Diagnostics {
	unknown := sample.At("images.hcl", 12)
	unknown.Start.Column, unknown.End.Column = 11, 31
	return diag.Diagnostics{
		{Severity: diag.Error, Summary: "Unknown package server", Subject: unknown, In: `image "win11"`,
			Source: "  owner = package_server.ps100",
			Detail: "No package_server block has the label ps100. Did you mean ps010? The blocks of this folder are:\n\n" +
				"  - package_server.ps008 (servers.hcl line 2)\n  - package_server.ps010 (servers.hcl line 9)"},
		{Severity: diag.Warning, Summary: "An acknowledgement is not used", Subject: sample.At("images.hcl", 20), In: `images "branch"`,
			Detail: "PSL303 is not found on any image of this group."},
		{Severity: diag.Note, Summary: "The group matches nothing", Subject: sample.At("images.hcl", 99), Detail: "No image matches."},
		{Severity: diag.Error, Summary: "Cannot read the estate", Detail: "plan.json is not an estate file."},
		{Severity: diag.Error, Summary: "Invalid character", Subject: diag.Range{Filename: "long.hcl", Start: diag.Pos{Line: 1, Column: 503}, End: diag.Pos{Line: 1, Column: 506}},
			Source: `xxx = "bad" # a piece of a long line`, SourceFrom: 500, Detail: "This is no argument."},
		{Severity: diag.Error, Summary: "Unclosed block", Subject: diag.Range{Filename: "images.hcl", Start: diag.Pos{Line: 3, Column: 15}, End: diag.Pos{Line: 9, Column: 1}},
			Source: "image \"win11\" {\n  owner = 1", Detail: "The block has no closing brace."},
	}
}

func TestDiagnostics(t *testing.T) {
	tests := []struct {
		name   string
		change func(*view.Options)
	}{
		{"plain", func(*view.Options) {}},
		{"box", func(o *view.Options) { o.ErrTerminal = true }},
		{"colour", func(o *view.Options) { o.ErrTerminal, o.Color = true, true }},
		{"narrow", func(o *view.Options) { o.Width = 60 }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var s streams
			o := s.options()
			tt.change(&o)
			view.NewHuman(o).Diagnostics(problems())
			if s.out.Len() > 0 {
				t.Errorf("problems went to standard output: %s", s.out.String())
			}
			golden(t, "diagnostics-"+tt.name+".txt", visible(s.err.String()))
		})
	}
}

func TestValidate(t *testing.T) {
	var b bytes.Buffer
	if err := view.WriteValidate(&b, problems()); err != nil {
		t.Fatal(err)
	}
	golden(t, "validate.json", b.String())
	b.Reset()
	if err := view.WriteValidate(&b, nil); err != nil {
		t.Fatal(err)
	}
	golden(t, "validate-nothing.json", b.String())
}

func TestDrained(t *testing.T) {
	no := view.RetireReport{Server: "PS008", Points: []view.RetirePoint{
		{Title: "It owns nothing", Holds: []string{"WIN11-23H2", "WIN10-22H2"}, Count: 14},
		{Title: "It holds no last copy of anything", OK: true},
		{Title: "Its sites have another package server", Holds: []string{"HQ"}, Accepted: true},
		{Title: "No preboot configuration needs it", Holds: []string{`WIN11-23H2: \\PS008\PkgSvrHost$\{ee7bda07-4d28-5298-a4dc-cb2512299ebd}\cache`}},
	}}
	yes := view.RetireReport{Server: "PS008", Safe: true, Points: []view.RetirePoint{{Title: "It owns nothing", OK: true}}}
	var b bytes.Buffer
	view.Drained(&b, view.Options{}, no)
	golden(t, "drained-no.txt", b.String())
	b.Reset()
	view.Drained(&b, view.Options{Color: true}, yes)
	golden(t, "drained-yes.txt", visible(b.String()))
}
