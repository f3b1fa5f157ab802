package cli

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"pslan/examples"
)

// The scripts specify every command as its users see it. They run the real Main in
// process:
//
//	pslan ARGS            must end with exit code 0
//	exits CODE ARGS       must end with that exit code
//	example NAME DIR      writes an example out
//	samelines RE A B      the lines that match are the same in both files, and there are some
//	replace OLD NEW FILE  puts one text in the place of another, wherever it stands in a file
//
// Stdin is the file that $STDIN names, empty otherwise. A terminal is there where
// $TERMINAL lists in, out or err; it is wide, so that no sentence is broken. The wall
// clock stands at $NOW.
func TestScripts(t *testing.T) { testscript.Run(t, scripted("script")) }

// scripted runs the scripts of a folder of testdata.
func scripted(folder string) testscript.Params {
	return testscript.Params{
		Dir:                 filepath.Join("testdata", folder),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(e *testscript.Env) error {
			e.Setenv("STDIN", "")
			e.Setenv("TERMINAL", "")
			e.Setenv("NOW", "2026-11-22T12:00:00Z")
			return nil
		},
		Condition: func(cond string) (bool, error) {
			if cond == "root" {
				return os.Geteuid() <= 0, nil // or Windows, where a mode hinders nobody from reading
			}
			return false, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"pslan": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg {
					ts.Fatalf("say which exit code is expected: exits CODE ARGS")
				}
				runScripted(ts, 0, args)
			},
			"exits": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) < 1 {
					ts.Fatalf("usage: exits CODE ARGS")
				}
				code, err := strconv.Atoi(args[0])
				ts.Check(err)
				runScripted(ts, code, args[1:])
			},
			"samelines": func(ts *testscript.TestScript, _ bool, args []string) {
				re := regexp.MustCompile(args[0])
				lines := func(file string) (out []string) {
					for _, l := range strings.Split(ts.ReadFile(file), "\n") {
						if re.MatchString(l) {
							out = append(out, l)
						}
					}
					return out
				}
				a, b := lines(args[1]), lines(args[2])
				if len(a) == 0 || !slices.Equal(a, b) {
					ts.Fatalf("%q in %s and %q in %s", a, args[1], b, args[2])
				}
			},
			"replace": func(ts *testscript.TestScript, _ bool, args []string) {
				text := ts.ReadFile(args[2])
				if !strings.Contains(text, args[0]) {
					ts.Fatalf("%s does not hold %q", args[2], args[0])
				}
				ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(strings.ReplaceAll(text, args[0], args[1])), 0o666))
			},
			"example": func(ts *testscript.TestScript, _ bool, args []string) {
				files, err := fs.Sub(examples.FS(), args[0])
				ts.Check(err)
				ts.Check(os.CopyFS(ts.MkAbs(args[1]), files))
			},
		},
	}
}

// scriptVariables are those of the environment that a script may set for pslan.
func scriptVariables() []string {
	return []string{"PSLAN_IN_AUTOMATION", "PSLAN_INPUT", "PSLAN_CLI_ARGS", "PSLAN_CLI_ARGS_plan", "PSLAN_CLI_ARGS_apply",
		"PSLAN_CLI_ARGS_version", "PSLAN_CLI_ARGS_lab_show", "PSLAN_VAR_new_server", "PSLAN_VAR_secret", "PSLAN_LOG", "PSLAN_LOG_PATH",
		"PSLAN_DATA_DIR", "PSLAN_SMB_USER", "PSLAN_SMB_PASSWORD", "PSLAN_SMB_PASSWORD_FILE", "NO_COLOR", "FORCE_COLOR", "TERM"}
}

func runScripted(ts *testscript.TestScript, want int, args []string) {
	ts.Logf("> pslan %s", strings.Join(args, " "))
	now, err := time.Parse(time.RFC3339, ts.Getenv("NOW"))
	ts.Check(err)
	var env []string
	for _, name := range scriptVariables() {
		if v := ts.Getenv(name); v != "" {
			env = append(env, name+"="+v)
		}
	}
	stdin := strings.NewReader("")
	if name := ts.Getenv("STDIN"); name != "" {
		stdin = strings.NewReader(ts.ReadFile(name))
	}
	has := func(word string) bool { return slices.Contains(strings.Fields(ts.Getenv("TERMINAL")), word) }
	code := Main(context.Background(), IO{
		Args: args, Env: env, Dir: ts.MkAbs("."),
		Stdin: stdin, Stdout: ts.Stdout(), Stderr: ts.Stderr(),
		Terminal: Terminal{In: has("in"), Out: has("out"), Err: has("err"), Width: 200},
		Now:      func() time.Time { return now },
	})
	if code != want {
		ts.Fatalf("pslan %s ended with exit code %d, want %d", strings.Join(args, " "), code, want)
	}
}

func TestVersionText(t *testing.T) {
	if want := "pslan v" + Version + "\non " + runtime.GOOS + "_" + runtime.GOARCH + "\n"; versionText() != want {
		t.Errorf("version is %q, want %q", versionText(), want)
	}
}
