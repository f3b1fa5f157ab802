package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"pslan/internal/atomicfile"
	"pslan/internal/diag"
	"pslan/internal/fileerror"
)

// maxSource bounds a file that is formatted: nobody writes 64 MiB of HCL by hand.
const maxSource = 64 << 20

type formatFlags struct {
	check, diff, recursive bool
	list, write            bool
}

func (a *app) fmtCommand() *cobra.Command {
	var f formatFlags
	c := &cobra.Command{
		Use:   "fmt [FOLDER or FILE ...]",
		Short: "Brings configuration files into the usual form",
		Long: `Rewrites the *.hcl files of a folder in the usual form and lists those that
changed. "-" formats stdin to stdout. If one file has a syntax error, no file is
written. Line ends become LF.

Exit codes: 0 all in form, 1 error, 3 -check found files to format.`,
		Args: takes(0, 1000, "folders or files"),
		RunE: a.does(func(ctx context.Context, args []string) (outcome, error) { return a.format(ctx, f, args) }),
	}
	c.Flags().BoolVar(&f.check, "check", false, "write nothing; exit 3 if a file is not in form")
	c.Flags().BoolVar(&f.diff, "diff", false, "show what changes")
	c.Flags().BoolVar(&f.recursive, "recursive", false, "format the folders below as well")
	c.Flags().BoolVar(&f.list, "list", true, "do not list the files that change")
	c.Flags().BoolVar(&f.write, "write", true, "write nothing, only list the files that would change")
	return c
}

// source is one file on its way through the formatter.
type source struct {
	name          string // as shown
	path          string // "" for stdin
	before, after []byte
	problems      diag.Diagnostics
}

func (s *source) changed() bool { return !bytes.Equal(s.before, s.after) }

func (a *app) format(ctx context.Context, f formatFlags, args []string) (outcome, error) {
	if slices.Contains(args, "-") {
		if len(args) > 1 {
			return outcome{}, problem("Too many arguments", `"-" formats stdin and cannot stand beside other files.`)
		}
		return a.formatStdin(f)
	}
	files, err := a.sources(args, f.recursive)
	if err != nil {
		return outcome{}, err
	}
	if err := formatAll(ctx, files); err != nil {
		return outcome{}, err
	}
	var ds diag.Diagnostics
	for _, s := range files {
		ds = append(ds, s.problems...)
	}
	if ds.HasErrors() {
		return outcome{}, ds.Sort()
	}
	var o outcome
	for _, s := range files {
		if !s.changed() {
			continue
		}
		o.unformatted = o.unformatted || f.check
		if f.write && !f.check {
			if err := rewrite(s); err != nil {
				return o, problem("Cannot write the file", "%s was left as it was: %v.", s.name, fileerror.Reason(err))
			}
		}
		if f.list {
			fmt.Fprintln(a.stdout, s.name)
		}
		if f.diff {
			io.WriteString(a.stdout, unifiedDiff(s.name, string(s.before), string(s.after)))
		}
	}
	return o, nil
}

// formatStdin formats what comes in on stdin; the result, or the diff, goes to stdout.
func (a *app) formatStdin(f formatFlags) (outcome, error) {
	s := &source{name: "<stdin>"}
	text, err := io.ReadAll(io.LimitReader(a.stdin, maxSource+1))
	if err != nil {
		return outcome{}, problem("Cannot read stdin", "%v.", fileerror.Reason(err))
	}
	s.format(text)
	if s.problems.HasErrors() {
		return outcome{}, s.problems
	}
	switch {
	case f.diff && s.changed():
		io.WriteString(a.stdout, unifiedDiff(s.name, string(s.before), string(s.after)))
	case !f.diff && !f.check:
		a.stdout.Write(s.after)
	}
	return outcome{unformatted: f.check && s.changed()}, nil
}

// sources finds the files to format, in order.
func (a *app) sources(args []string, recursive bool) ([]*source, error) {
	if len(args) == 0 {
		args = []string{"."}
	}
	var list []*source
	seen := make(map[string]bool)
	add := func(path, name string) {
		if !seen[path] {
			seen[path] = true
			list = append(list, &source{name: filepath.Clean(name), path: path})
		}
	}
	for _, arg := range args {
		path := a.path(arg)
		info, err := os.Stat(path)
		switch {
		case err != nil:
			return nil, problem("Cannot read the file or folder", "%s: %v.", arg, fileerror.Reason(err))
		case info.IsDir():
			if err := walkSources(path, arg, recursive, add); err != nil {
				return nil, err
			}
		case !strings.HasSuffix(arg, ".hcl"):
			return nil, problem("Not a configuration file", "%s does not end in .hcl; only files in the native syntax have a form.", arg)
		default:
			add(path, arg)
		}
	}
	slices.SortFunc(list, func(x, y *source) int { return strings.Compare(x.name, y.name) })
	return list, nil
}

// walkSources adds the files of a folder. Folders that begin with a dot are not
// gone into: what pslan keeps there is nobody's source.
func walkSources(path, name string, recursive bool, add func(path, name string)) error {
	entries, err := os.ReadDir(path)
	if err != nil {
		return problem("Cannot read the folder", "%s: %v.", name, fileerror.Reason(err))
	}
	for _, e := range entries {
		at, shown := filepath.Join(path, e.Name()), filepath.Join(name, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir() && recursive:
			if err := walkSources(at, shown, recursive, add); err != nil {
				return err
			}
		case !e.IsDir() && strings.HasSuffix(e.Name(), ".hcl"):
			add(at, shown)
		}
	}
	return nil
}

// formatAll reads and formats files on all cores.
func formatAll(ctx context.Context, files []*source) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, s := range files {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			text, err := readSource(s.path)
			if err != nil {
				s.problems = diag.Diagnostics{problem("Cannot read the file", "%s: %v.", s.name, fileerror.Reason(err))}
				return nil
			}
			s.format(text)
			return nil
		})
	}
	return g.Wait()
}

var errTooLarge = errors.New("it is larger than 64 MiB")

func readSource(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxSource {
		return nil, &fs.PathError{Op: "read", Path: path, Err: errTooLarge}
	}
	return os.ReadFile(path)
}

// format fills before, after and problems. The formatter works on words alone and
// would twist a file whose syntax is broken, so the syntax is checked first.
func (s *source) format(text []byte) {
	s.before = text
	if len(text) > maxSource {
		s.problems = diag.Diagnostics{problem("Cannot read the file", "%s: %v.", s.name, errTooLarge)}
		return
	}
	clean := bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	clean = bytes.ReplaceAll(clean, []byte("\r\n"), []byte("\n"))
	formatted := formatBeside(clean)
	_, problems := hclsyntax.ParseConfig(clean, s.name, hcl.InitialPos)
	s.problems = located(problems, clean)
	after, ok := <-formatted
	switch {
	case s.problems.HasErrors():
	case !ok:
		s.problems = diag.Diagnostics{problem("This is a bug in pslan", "%s cannot be formatted, although its syntax is right.", s.name)}
	default:
		s.after = after
	}
}

// formatBeside formats a text while its syntax is checked, which costs as much
// again. The channel is closed without a text where the formatter gave up, as it
// may on a syntax that is wrong.
func formatBeside(text []byte) <-chan []byte {
	formatted := make(chan []byte, 1)
	go func() {
		defer close(formatted)
		defer func() { _ = recover() }()
		formatted <- hclwrite.Format(text)
	}()
	return formatted
}

// located turns the parser's problems into diagnostics with their source line.
func located(problems hcl.Diagnostics, text []byte) diag.Diagnostics {
	var ds diag.Diagnostics
	for _, p := range problems {
		d := &diag.Diagnostic{Severity: diag.Error, Summary: p.Summary, Detail: p.Detail}
		if p.Severity == hcl.DiagWarning {
			d.Severity = diag.Warning
		}
		if p.Subject != nil {
			d.Subject = placeOf(*p.Subject)
			d.Source = lineOf(text, p.Subject.Start.Line)
		}
		ds = append(ds, d)
	}
	return ds
}

func placeOf(r hcl.Range) diag.Range {
	pos := func(p hcl.Pos) diag.Pos {
		return diag.Pos{Line: int32(p.Line), Column: int32(p.Column), Byte: int32(p.Byte)}
	}
	return diag.Range{Filename: r.Filename, Start: pos(r.Start), End: pos(r.End)}
}

func lineOf(text []byte, line int) string {
	for n := 1; n < line; n++ {
		_, rest, ok := bytes.Cut(text, []byte("\n"))
		if !ok {
			return ""
		}
		text = rest
	}
	first, _, _ := bytes.Cut(text, []byte("\n"))
	return string(first)
}

// rewrite puts the formatted text in place, keeping the file's permissions.
func rewrite(s *source) error {
	info, err := os.Stat(s.path)
	if err != nil {
		return err
	}
	err = atomicfile.Write(s.path, func(w io.Writer) error {
		_, err := w.Write(s.after)
		return err
	})
	if err != nil {
		return err
	}
	return os.Chmod(s.path, info.Mode().Perm())
}
