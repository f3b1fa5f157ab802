package cli

import (
	"path/filepath"

	"pslan/internal/contentfile"
	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/diff"
	"pslan/internal/estate"
	"pslan/internal/fileerror"
)

// contents is the record that content.record names.
type contents struct {
	*contentfile.Record
	name string // as written
}

// readContents opens the record, if there shall be one.
func (a *app) readContents(g *ground, c *declared.Content) diag.Diagnostics {
	if c.Record == "" {
		return nil
	}
	path := a.path(filepath.FromSlash(c.Record))
	r, ds := contentfile.Open(path)
	if r == nil {
		return shortened(ds, path, c.Record)
	}
	g.record = &contents{r, c.Record}
	return nil
}

// contents by image; nil where nothing is recorded.
func (c *contents) contents() map[estate.GUID]*estate.Content {
	if c == nil {
		return nil
	}
	return c.Contents()
}

// rememberContents records what the owners hold that were seen good, in a reading of
// the platform. Nothing is recorded of a recorded estate. That the file cannot be
// written is a warning: nothing that was decided rests on it.
func (a *app) rememberContents(g *ground, e *estate.Estate) {
	if g.record == nil || g.recorded {
		return
	}
	resolved, ds := diff.Resolve(g.loaded.Declared, estate.NewIndex(e))
	if ds.HasErrors() { // whose word counts is not known then
		return
	}
	learned := g.record.Learn(e, func(n int32) estate.ServerID {
		if d := resolved.Of(n); d != nil {
			return d.Reference
		}
		return estate.NoServer
	})
	if err := g.record.Save(); err != nil {
		a.view.Diagnostics(diag.Diagnostics(nil).Warnf(diag.Range{}, "Contents cannot be recorded",
			"%s was not written: %v. When an owner is gone, what a good copy must hold may not be known.", g.record.name, fileerror.Reason(err)))
		return
	}
	if len(learned) > 0 {
		a.log.Info("contents recorded", "file", g.record.name, "images", len(learned))
	}
}
