package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"pslan/internal/atomicfile"
	"pslan/internal/diag"
	"pslan/internal/observe"
	"pslan/internal/smp"
)

// doctorFlags are those of doctor.
type doctorFlags struct {
	vars          variableFlags
	image, bundle string
	write, json   bool
	tasks         bool
}

func (a *app) doctorCommand() *cobra.Command {
	var f doctorFlags
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Checks the connection call by call, and says what works on this platform",
		Long: `Tries connection "smp" from its name to its last call: name resolution, TLS, login,
each web service, each call on one image, each table of facts, each package server's
share. Says of each what works, what does not, what could not be tried, and which
setting or right would help. It changes nothing on the platform, unless -write says
so, and runs nothing on package servers, unless -run-tasks does.

Exit codes: 0 nothing fails, 1 error, 2 something fails.`,
		Args: takes(0, 0, ""),
		RunE: a.does(noArguments(func(ctx context.Context) (outcome, error) { return a.doctor(ctx, &f) })),
	}
	f.vars.register(c.Flags())
	c.Flags().StringVar(&f.image, "image", "", "try the calls on the image `NAME`, instead of the first one with a package")
	c.Flags().BoolVar(&f.write, "write", false, "write the assignment of the image of -image back as it is, and read it")
	c.Flags().BoolVar(&f.tasks, "run-tasks", false, "run the task of rows \"copies\" on every package server, and say what each prints")
	c.Flags().StringVar(&f.bundle, "bundle", "", "write what a maintainer of pslan needs to learn this platform's dialect to `FILE`, a zip\nwith names, hosts, users and GUIDs made up")
	c.Flags().BoolVar(&f.json, "json", false, "write one JSON document")
	return c
}

func (a *app) doctor(ctx context.Context, f *doctorFlags) (outcome, error) {
	if f.write && f.image == "" {
		return outcome{}, problem("Which image?", "-write writes the assignment of one image back as it is. Name it: pslan doctor -write -image=NAME")
	}
	loaded, ds := a.load(&f.vars, false)
	if ds.HasErrors() {
		return outcome{}, ds
	}
	conn := loaded.Declared.Connection
	if conn.Type != "smp" {
		return outcome{}, &diag.Diagnostic{Severity: diag.Error, Summary: "Nothing to examine",
			Detail:  `The doctor examines a connection "smp". A lab and a recorded estate are files of this machine.`,
			Subject: conn.Range, In: fmt.Sprintf("connection %q", conn.Type)}
	}
	g := &ground{loaded: loaded}
	var opts observe.Options
	if err := a.openSMP(g, &conn, &opts); err != nil {
		return outcome{}, err
	}
	a.closers = append(a.closers, g.platform)
	o := smp.DoctorOptions{Image: f.image, Write: f.write, Tasks: f.tasks, Wall: a.now}
	if loaded.Declared.Content != nil {
		o.Eyes = opts.Eyes
	}
	if !f.json {
		var before smp.Check
		o.Told = func(c smp.Check) {
			a.showCheck(c, before)
			before = c
		}
	}
	d := g.platform.(*smp.Platform).Doctor(ctx, o) // openSMP has just made it
	if err := ctx.Err(); err != nil {
		return outcome{}, err
	}
	if f.bundle != "" {
		err := atomicfile.Write(a.path(filepath.FromSlash(f.bundle)), func(w io.Writer) error { return d.Bundle(w, Version, a.now()) })
		if err != nil {
			return outcome{}, fileProblem(f.bundle, err)
		}
	}
	if err := a.endDoctor(d, f); err != nil {
		return outcome{}, err
	}
	return outcome{differs: d.Count(smp.Fails) > 0}, nil
}

// showCheck prints a check, below its area, and help that stood with the one before it
// only once.
func (a *app) showCheck(c, before smp.Check) {
	if c.Area != before.Area {
		fmt.Fprintf(a.stdout, "\n%s\n", c.Area)
	}
	fmt.Fprintf(a.stdout, "  %-8s %s", c.Verdict, plain(c.Name))
	if c.Found != "" {
		fmt.Fprintf(a.stdout, ": %s", plain(c.Found))
	}
	fmt.Fprintln(a.stdout)
	switch {
	case c.Help == "":
	case c.Help == before.Help && c.Area == before.Area:
		fmt.Fprintln(a.stdout, "           -> The same would help.")
	default:
		fmt.Fprintf(a.stdout, "           -> %s\n", plain(c.Help))
	}
}

// plain is a text of the platform as one line that no terminal takes for a command.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

func (a *app) endDoctor(d *smp.Diagnosis, f *doctorFlags) error {
	works, fails, untried := d.Count(smp.Works), d.Count(smp.Fails), d.Count(smp.Untried)
	if f.json {
		out := json.NewEncoder(a.stdout)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		return out.Encode(struct {
			FormatVersion string      `json:"format_version"`
			Version       string      `json:"pslan_version"`
			Works         int         `json:"works"`
			Fails         int         `json:"fails"`
			Untried       int         `json:"untried"`
			Checks        []smp.Check `json:"checks"`
		}{"1.0", Version, works, fails, untried, d.Checks})
	}
	fmt.Fprintf(a.stdout, "\n%d work, %d fail, %d could not be tried.\n", works, fails, untried)
	if f.bundle != "" {
		fmt.Fprintf(a.stdout, "Wrote %s. Names, hosts, users and GUIDs in it are made up; look at it before you pass it on.\n", f.bundle)
	}
	return nil
}
