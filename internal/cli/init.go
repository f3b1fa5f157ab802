package cli

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"pslan/examples"
	"pslan/internal/atomicfile"
	"pslan/internal/fileerror"
)

//go:embed starter
var starter embed.FS

func (a *app) initCommand() *cobra.Command {
	var example string
	c := &cobra.Command{
		Use:   "init [FOLDER]",
		Short: "Writes a folder to start from",
		Long: "Writes configuration files with comments, and the seed of a lab to try them on,\n" +
			"into the present folder or into FOLDER. Nothing is ever overwritten.\n\n" +
			"Examples: " + strings.Join(examples.Names(), ", ") + ".",
		Args: takes(0, 1, "one folder"),
		RunE: a.does(func(_ context.Context, args []string) (outcome, error) {
			folder := "."
			if len(args) > 0 {
				folder = args[0]
			}
			return outcome{}, a.initFolder(folder, example)
		}),
	}
	c.Flags().StringVar(&example, "example", "", "write the example `NAME` instead")
	return c
}

// newFile is a file that init writes.
type newFile struct {
	name string // slash-separated, relative to the folder
	text []byte
}

func (a *app) initFolder(folder, example string) error {
	files, err := startingFiles(example)
	if err != nil {
		return err
	}
	if err := a.refuseOverwriting(folder, files); err != nil {
		return err
	}
	if err := writeNew(a.path(folder), files); err != nil {
		return problem("Cannot write the folder", "%s: %v. What was written has been removed again.", folder, fileerror.Reason(err))
	}
	for _, f := range files {
		fmt.Fprintf(a.stdout, "Created %s\n", filepath.Join(folder, filepath.FromSlash(f.name)))
	}
	switch {
	case a.env.on("PSLAN_IN_AUTOMATION"):
	case example == examples.RealPlatform:
		fmt.Fprintf(a.stdout, "\nFill it in as %s says, and begin with: %s\n", filepath.Join(folder, "README.md"), commandIn(folder, "validate"))
	default:
		fmt.Fprintf(a.stdout, "\nTo see what would change, run: %s\n", commandIn(folder, "plan"))
	}
	return nil
}

// commandIn is a command in a folder, as it is typed.
func commandIn(folder, command string) string {
	if filepath.Clean(folder) == "." {
		return "pslan " + command
	}
	return "pslan -chdir=" + folder + " " + command
}

// startingFiles returns what init writes, in name order.
func startingFiles(example string) ([]newFile, error) {
	root, err := fs.Sub(starter, "starter")
	if example != "" {
		names := examples.Names()
		if !slices.Contains(names, example) {
			return nil, problem("Unknown example", "There is no example %q.%s\n\nThere are: %s", example,
				didYouMean(example, "", names), strings.Join(names, ", "))
		}
		root, err = fs.Sub(examples.FS(), example)
	}
	if err != nil {
		return nil, err
	}
	var files []newFile
	err = fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(root, path)
		if path == "gitignore" { // an embedded name cannot begin with a dot
			path = ".gitignore"
		}
		files = append(files, newFile{path, text})
		return err
	})
	slices.SortFunc(files, func(x, y newFile) int { return strings.Compare(x.name, y.name) })
	return files, err
}

// refuseOverwriting reports every file that is in the way, and configuration files
// that would become one with the new ones.
func (a *app) refuseOverwriting(folder string, files []newFile) error {
	// Looked at first: on Windows to list a file is the same error as to list nothing.
	info, err := os.Stat(a.path(folder))
	if fileerror.Missing(err) {
		return nil
	}
	if err == nil && !info.IsDir() {
		return problem("Cannot use the folder", "%s is not a folder.", folder)
	}
	var entries []fs.DirEntry
	if err == nil {
		entries, err = os.ReadDir(a.path(folder))
	}
	if err != nil {
		return problem("Cannot use the folder", "%s: %v.", folder, fileerror.Reason(err))
	}
	var inTheWay []string
	for _, e := range entries {
		name := e.Name()
		isNew := slices.ContainsFunc(files, func(f newFile) bool { return strings.EqualFold(f.name, name) })
		isConfig := strings.HasSuffix(name, ".hcl") || strings.HasSuffix(name, ".hcl.json")
		if isNew || isConfig {
			inTheWay = append(inTheWay, name)
		}
	}
	if len(inTheWay) == 0 {
		return nil
	}
	return problem("The folder is not empty", "init overwrites nothing and adds nothing to a configuration that is there. "+
		"In the way: %s.\n\nName a new folder: pslan init FOLDER", strings.Join(inTheWay, ", "))
}

// writeNew writes all files or none: after an error what was made is removed.
func writeNew(folder string, files []newFile) (err error) {
	var made []string
	defer func() {
		if err != nil {
			for _, path := range slices.Backward(made) {
				os.Remove(path)
			}
		}
	}()
	if _, statErr := os.Stat(folder); errors.Is(statErr, fs.ErrNotExist) {
		if err := os.MkdirAll(folder, 0o777); err != nil {
			return err
		}
		made = append(made, folder)
	}
	for _, f := range files {
		path := filepath.Join(folder, filepath.FromSlash(f.name))
		if err := atomicfile.Write(path, func(w io.Writer) error {
			_, err := w.Write(f.text)
			return err
		}); err != nil {
			return err
		}
		made = append(made, path)
	}
	return nil
}
