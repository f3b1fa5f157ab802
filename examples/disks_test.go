package examples_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pslan/examples"
)

// binary is the program under test, built once.
var binary string

func withBinary(run func() int) (int, error) {
	dir, err := os.MkdirTemp("", "pslan-examples-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "pslan")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	if out, err := exec.Command("go", "build", "-o", binary, "pslan/cmd/pslan").CombinedOutput(); err != nil {
		return 1, fmt.Errorf("building pslan: %w\n%s", err, out)
	}
	return run(), nil
}

// example is one example in a folder of its own.
type example struct {
	dir    string
	images []image
}

// image is what the tests read of estate.json, by themselves.
type image struct {
	Name     string `json:"name"`
	Package  string `json:"package"`
	Location string `json:"location"`
	Content  struct {
		Digest string `json:"digest"`
	} `json:"content"`
	Copies []struct {
		Server   string `json:"server"`
		Evidence struct {
			Digest string `json:"digest"`
		} `json:"evidence"`
	} `json:"copies"`
}

func unpack(t *testing.T, name string) *example {
	t.Helper()
	e := &example{dir: t.TempDir()}
	sub, err := fs.Sub(examples.FS(), name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(e.dir, sub); err != nil {
		t.Fatal(err)
	}
	text, err := fs.ReadFile(sub, "estate.json")
	if err != nil {
		t.Fatal(err)
	}
	var estate struct {
		Images []image `json:"images"`
	}
	if err := json.Unmarshal(text, &estate); err != nil {
		t.Fatal(err)
	}
	e.images = estate.Images
	return e
}

// pslan runs the program, which has to end with a code, and returns all that it printed.
func (e *example) pslan(t *testing.T, wantExit int, args ...string) string {
	t.Helper()
	code, out := e.ends(t, args...)
	if code != wantExit {
		t.Fatalf("pslan %s ended with %d, want %d:\n%s", strings.Join(args, " "), code, wantExit, lastLines(out, 120))
	}
	return out
}

// ends runs the program and returns how it ended and all that it printed.
func (e *example) ends(t *testing.T, args ...string) (int, string) {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Dir = e.dir
	cmd.Env = append(os.Environ(), "NO_COLOR=1", "PSLAN_IN_AUTOMATION=1")
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

func (e *example) image(t *testing.T, name string) *image {
	t.Helper()
	n := slices.IndexFunc(e.images, func(img image) bool { return img.Name == name })
	if n < 0 {
		t.Fatalf("no image %s in estate.json", name)
	}
	return &e.images[n]
}

// disks are the lab's folders with files: by server, then by package, or by location
// for what has no package or lies on the SMP.
type disks map[string]map[string]folder

// folder is what lies in one folder of files.
type folder struct {
	files int
	hash  string // over names and bytes of its files
}

// has reports whether some folder of a server holds exactly these files.
func (d disks) has(server, hash string) bool {
	if hash == "" {
		return false
	}
	for _, f := range d[server] {
		if f.hash == hash {
			return true
		}
	}
	return false
}

// look hashes everything in the lab's folders, without asking pslan.
func (e *example) look(t *testing.T) disks {
	t.Helper()
	lab := filepath.Join(e.dir, ".pslan", "lab")
	found := disks{}
	keep := func(server, name, dir string) {
		f, err := readFolder(dir)
		if err != nil {
			t.Fatal(err)
		}
		if found[server] == nil {
			found[server] = map[string]folder{}
		}
		if f.files > 0 {
			found[server][name] = f
		}
	}
	for _, dir := range glob(t, lab, "servers", "*", "Package Delivery", "*", "cache") {
		pack := filepath.Dir(dir)
		server := filepath.Base(filepath.Dir(filepath.Dir(pack)))
		keep(server, strings.ToLower(strings.Trim(filepath.Base(pack), "{}")), dir)
	}
	for _, dir := range glob(t, lab, "locations", "*") {
		name := filepath.Base(dir) // \\smp01\a\b is the folder smp01!a!b
		server, _, _ := strings.Cut(name, "!")
		keep(server, name, dir)
	}
	return found
}

func glob(t *testing.T, parts ...string) []string {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

// lies says where the files of an image are that a server holds.
func (img *image) lies(server string) (host, name string) {
	if img.Package != "" && server != "smp" {
		return server, img.Package
	}
	name = strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(img.Location, `\\`), `\`, "!"))
	host, _, _ = strings.Cut(name, "!")
	return host, name
}

// readFolder hashes the files of one folder; what the agent keeps beside a package's
// cache is none of them.
func readFolder(dir string) (folder, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return folder{}, err
	}
	var f folder
	sum := sha256.New()
	for _, entry := range entries {
		if entry.IsDir() || entry.Name() == "snapshot.xml" {
			continue
		}
		file, err := os.Open(filepath.Join(dir, entry.Name()))
		if err != nil {
			return folder{}, err
		}
		fmt.Fprintf(sum, "%s\n", entry.Name())
		_, err = io.Copy(sum, file)
		file.Close()
		if err != nil {
			return folder{}, err
		}
		f.files++
	}
	f.hash = hex.EncodeToString(sum.Sum(nil))
	return f, nil
}

// heldBefore returns, for every image of which some reachable copy is labelled as
// good, the hash of its files on the lab's disks. Equal labels must be equal bytes.
func (e *example) heldBefore(t *testing.T, before disks) map[string]string {
	t.Helper()
	held := map[string]string{}
	for i := range e.images {
		img := &e.images[i]
		for _, c := range img.Copies {
			if c.Evidence.Digest == "" || c.Evidence.Digest != img.Content.Digest {
				continue
			}
			host, name := img.lies(c.Server)
			f, ok := before[host][name]
			switch {
			case !ok:
				t.Errorf("the lab has no files of %s on %s, and the seed says they are good", img.Name, c.Server)
			case held[img.Name] != "" && held[img.Name] != f.hash:
				t.Errorf("%s: two copies with equal labels differ on the lab's disks", img.Name)
			default:
				held[img.Name] = f.hash
			}
		}
	}
	return held
}

// nothingLost is the first promise: whatever had a good copy before has one after.
func (e *example) nothingLost(t *testing.T, held map[string]string, after disks) {
	t.Helper()
	for name, hash := range held {
		kept := false
		for server := range after {
			kept = kept || after.has(server, hash)
		}
		if !kept {
			t.Errorf("%s had a good copy, and now has none", name)
		}
	}
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
