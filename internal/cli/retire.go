package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"pslan/internal/declared"
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/finding"
	"pslan/internal/plan"
	"pslan/internal/view"
)

func (a *app) retireCommand() *cobra.Command {
	var f planFlags
	c := &cobra.Command{
		Use:   "retire SERVER",
		Short: "Says whether a package server may be switched off",
		Long: `Looks at the platform as it is now and says, point by point, whether a package
server may be switched off, and what holds it back. It changes nothing.

Exit codes: 0 it may be switched off, 1 error, 2 not yet.`,
		Args: takes(1, 1, "the name of one package server"),
		RunE: a.does(func(ctx context.Context, args []string) (outcome, error) { return a.retire(ctx, &f, args[0]) }),
	}
	f.vars.register(c.Flags())
	c.Flags().StringVar(&f.state, "state", "", "look at a recorded estate, `FILE`, instead of the platform")
	return c
}

func (a *app) retire(ctx context.Context, f *planFlags, name string) (outcome, error) {
	g, err := a.open(&f.vars, f.state)
	if err != nil {
		return outcome{}, err
	}
	e, err := a.observe(ctx, g, false)
	if err != nil {
		return outcome{}, err
	}
	ix := estate.NewIndex(e)
	id, err := serverNamed(ix, name)
	if err != nil {
		return outcome{}, err
	}
	resolved, ds := diff.Resolve(g.loaded.Declared, ix)
	if ds.HasErrors() {
		return outcome{}, ds
	}
	opt := plan.DrainOptionsOf(resolved)
	opt.Accepted = accepted(g.loaded.Declared, resolved.Servers[id].Block, estate.TimeOf(g.platform.Now()))
	points := plan.Drained(ix, id, opt)
	view.Drained(a.stdout, a.viewOptions(a.line.color), retireReport(e.ServerName(id), points))
	return outcome{differs: !plan.Safe(points)}, nil
}

// serverNamed finds the one server that a name or host means.
func serverNamed(ix *estate.Index, name string) (estate.ServerID, error) {
	ids := ix.HostMatches(name)
	if len(ids) == 1 {
		return ids[0], nil
	}
	e := ix.Estate()
	if len(ids) > 1 {
		var names []string
		for _, id := range ids {
			names = append(names, fmt.Sprintf("%s (%s)", e.Servers[id].Name, e.Servers[id].Host))
		}
		return estate.NoServer, problem("Several package servers match", "%q may mean %s. Give the full host.", name, strings.Join(names, " or "))
	}
	var names []string
	for i := range e.Servers {
		names = append(names, e.Servers[i].Name)
	}
	return estate.NoServer, problem("Unknown package server", "The platform lists no package server %q.%s", name, didYouMean(name, "", names))
}

// accepted are the codes that somebody acknowledged for the server, or for all,
// and whose day has not passed.
func accepted(d *declared.Declared, block *declared.PackageServer, now estate.Time) []finding.Code {
	acks := d.Policy.Acks
	if block != nil {
		acks = append(acks[:len(acks):len(acks)], block.Acks...)
	}
	var codes []finding.Code
	for _, ack := range acks {
		if ack.Expires == 0 || now < ack.Expires {
			codes = append(codes, ack.Code)
		}
	}
	return codes
}

func retireReport(server string, points []plan.DrainPoint) view.RetireReport {
	r := view.RetireReport{Server: server, Safe: plan.Safe(points)}
	for _, p := range points {
		point := view.RetirePoint{Title: p.Title, OK: p.OK, Accepted: p.Accepted, Holds: p.Holds, Count: p.Count}
		r.Points = append(r.Points, point)
	}
	return r
}
