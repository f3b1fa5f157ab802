package cli

import (
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/go-hclog"

	"pslan/internal/diag"
	"pslan/internal/fileerror"
)

// openLog makes the logger that PSLAN_LOG and PSLAN_LOG_PATH ask for. Without
// PSLAN_LOG nothing is logged. A level that does not exist is told and logs all.
func (a *app) openLog() diag.Diagnostics {
	word := strings.ToLower(a.env.get("PSLAN_LOG"))
	if word == "" || word == "off" {
		return nil
	}
	var ds diag.Diagnostics
	level := hclog.LevelFromString(word)
	if level == hclog.NoLevel {
		level = hclog.Trace
		if word != "json" {
			ds = ds.Warnf(diag.Range{}, "Unknown log level",
				"PSLAN_LOG is %q. It may be trace, debug, info, warn, error, json or off; everything is logged.", word)
		}
	}
	var out io.Writer = a.stderr
	if path := a.env.get("PSLAN_LOG_PATH"); path != "" {
		f, err := os.OpenFile(a.path(path), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			return append(ds, problem("Cannot open the log",
				"PSLAN_LOG_PATH names %s, which cannot be opened: %v.", path, fileerror.Reason(err)))
		}
		a.closers = append(a.closers, f)
		out = f
	}
	a.log = hclog.New(&hclog.LoggerOptions{
		Name: "pslan", Level: level, Output: out,
		JSONFormat: word == "json", JSONEscapeDisabled: true,
		TimeFn: a.now,
	})
	return ds
}

// path makes a path as it was written absolute: it is meant from the working
// folder, or from the one that -chdir names.
func (a *app) path(written string) string {
	volume := filepath.VolumeName(written)
	switch {
	case filepath.IsAbs(written):
		return written
	case volume != "": // C:folder, which Windows means from where it stands on that drive
		if abs, err := filepath.Abs(written); err == nil {
			return abs
		}
	case written != "" && os.IsPathSeparator(written[0]): // \folder, on this drive
		return filepath.Join(filepath.VolumeName(a.dir), written)
	}
	return filepath.Join(a.dir, written)
}
