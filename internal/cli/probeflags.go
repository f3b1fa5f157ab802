package cli

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"pslan/internal/diag"
	"pslan/internal/estate"
	"pslan/internal/probe"
)

// probeFlags are the flags of probe as they are written.
type probeFlags struct {
	root, server, out, previous, rate, maxAge string
	packages, status                          []string
	listOnly, rehash, nice                    bool
	parallel                                  int
}

// probeOptions reads the flags. All that is wrong with them is told in one go.
func (a *app) probeOptions(f *probeFlags) (*probe.Options, error) {
	var ds diag.Diagnostics
	bad := func(detail string, args ...any) {
		ds = append(ds, problem("Invalid value for a flag", detail, args...))
	}
	o := &probe.Options{Server: f.server, ListOnly: f.listOnly, Rehash: f.rehash, Parallel: f.parallel, Now: a.now}
	if f.root == "" {
		o.Root = probe.DefaultRoot(runtime.GOOS, a.env.get)
		if info, err := os.Stat(o.Root); o.Root == "" || err != nil || !info.IsDir() {
			return nil, problem("Where are the packages?", "Nothing lies where a package server keeps its packages by default%s. "+
				"Name the folder that holds the package folders, and the server: pslan probe -root=DIR -server=NAME", inBrackets(o.Root))
		}
		if o.Server == "" {
			o.Server, _ = os.Hostname()
		}
	} else {
		o.Root = a.path(filepath.FromSlash(f.root))
	}
	if o.Server == "" {
		ds = append(ds, problem("Whose packages are these?", "A folder does not tell which package server it belongs to. "+
			"Name it as the platform does: -server=NAME"))
	}
	if strings.ContainsAny(o.Server, `/\:*?"<>|`) {
		bad("-server is the name of a package server, not %q.", o.Server)
	}
	if f.listOnly && f.rehash {
		bad("-list-only hashes nothing, and -rehash everything: give one of the two.")
	}
	if f.parallel < 0 || f.parallel > 256 {
		bad("-parallelism may be 1 to 256, not %d.", f.parallel)
	}
	if f.rate != "" {
		rate, ok := byteRate(f.rate)
		if !ok {
			bad("-limit-rate is bytes in a second, such as 50MB, 8MiB or 500KB, not %q.", f.rate)
		}
		o.Rate = rate
	}
	if f.maxAge != "" {
		age, err := parseSpan(f.maxAge)
		if err != nil {
			bad("-hash-max-age is a duration such as 6d or 12h, not %q.", f.maxAge)
		}
		o.HashMaxAge = age
	}
	for _, dir := range f.status {
		o.Status = append(o.Status, a.path(filepath.FromSlash(dir)))
	}
	o.Custom = a.customFolders(f.packages, bad)
	return o, ds.Err()
}

// customFolders reads -package=GUID=DIR.
func (a *app) customFolders(written []string, bad func(string, ...any)) map[estate.GUID]string {
	folders := map[estate.GUID]string{}
	for _, text := range written {
		id, dir, _ := strings.Cut(text, "=")
		g, err := estate.ParseGUID(strings.TrimSpace(id))
		switch {
		case err != nil || g.IsZero() || dir == "":
			bad("-package is GUID=DIR, such as 6d3f0c1e-52a1-4a35-9d6c-0d5be1a0f001=D:\\WIN11, not %q.", text)
		case folders[g] != "":
			bad("-package names two folders for %s.", g)
		default:
			folders[g] = a.path(filepath.FromSlash(dir))
		}
	}
	return folders
}

// byteRate reads 50MB, 8MiB, 500KB/s or a number of bytes.
func byteRate(s string) (int64, bool) {
	s = strings.TrimSuffix(strings.TrimSpace(s), "/s")
	unit := int64(1)
	for _, u := range []struct {
		suffix string
		bytes  int64
	}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1}} {
		if n := len(s) - len(u.suffix); n >= 0 && strings.EqualFold(s[n:], u.suffix) {
			s, unit = s[:n], u.bytes
			break
		}
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	n *= float64(unit)
	if err != nil || !(n >= 1 && n <= 1e15) {
		return 0, false
	}
	return int64(n), true
}

func inBrackets(s string) string {
	if s == "" {
		return ""
	}
	return ", " + s
}
