package contenttest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

const large = 8 << 30

// in makes a path below a cache folder.
func in(cache, name string) string { return filepath.Join(cache, filepath.FromSlash(name)) }

func add(name, text string) func(string) error {
	return func(cache string) error {
		if err := os.MkdirAll(filepath.Dir(in(cache, name)), 0o777); err != nil {
			return err
		}
		return os.WriteFile(in(cache, name), []byte(text), 0o666)
	}
}

// sparse adds a file that has a size and no bytes on the disk.
func sparse(name string, size int64) func(string) error {
	return func(cache string) error {
		if err := add(name, "")(cache); err != nil {
			return err
		}
		return os.Truncate(in(cache, name), size)
	}
}

func rename(from, to string) func(string) error {
	return func(cache string) error { return os.Rename(in(cache, from), in(cache, to)) }
}

func remove(name string) func(string) error {
	return func(cache string) error { return os.RemoveAll(in(cache, name)) }
}

// flip changes one bit and sets the time back, as nobody would notice it.
func flip(cache string) error {
	name := in(cache, "WIN11.gho")
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	data[len(data)/2] ^= 1
	if err := os.WriteFile(name, data, 0o666); err != nil {
		return err
	}
	return os.Chtimes(name, Modified, Modified)
}

func link(name, to string) func(string) error {
	return func(cache string) error { return os.Symlink(filepath.FromSlash(to), in(cache, name)) }
}

// linkCache puts the copy elsewhere and a link in its place.
func linkCache(cache string) error {
	elsewhere := filepath.Join(filepath.Dir(filepath.Dir(cache)), "elsewhere")
	if err := os.Rename(cache, elsewhere); err != nil {
		return err
	}
	return os.Symlink(elsewhere, cache)
}

func junction(cache string) error {
	elsewhere := filepath.Join(filepath.Dir(filepath.Dir(cache)), "elsewhere")
	if err := os.Mkdir(elsewhere, 0o777); err != nil {
		return err
	}
	out, err := exec.Command("cmd", "/c", "mklink", "/J", in(cache, "junction"), elsewhere).CombinedOutput()
	if err != nil {
		return fmt.Errorf("mklink: %w: %s", err, out)
	}
	return nil
}

// The reasons for which a case cannot be made everywhere.
func windowsCannot() string {
	if runtime.GOOS == "windows" {
		return "Windows cannot have such files, or only with rights that a test may lack"
	}
	return ""
}

func onlyWindows() string {
	if runtime.GOOS != "windows" {
		return "only Windows has junctions"
	}
	return ""
}

func needsCase() string {
	if runtime.GOOS != "linux" {
		return "the file system may take names that differ in case for one"
	}
	return ""
}

func notRoot() string {
	if os.Geteuid() <= 0 {
		return "whoever runs this may read everything"
	}
	return ""
}

// Cases are all ways.
func Cases() []Case {
	deep := strings.Repeat(strings.Repeat("d", 100)+"/", 8) + strings.Repeat("f", 200)
	return []Case{
		{Name: "nothing", Damage: func(string) error { return nil }, Same: true, SameBytes: true},
		{Name: "one flipped bit, the time set back", Damage: flip, Same: true},
		{Name: "rewritten times", Damage: func(cache string) error {
			return os.Chtimes(in(cache, "WIN11.gho"), time.Time{}, Modified.Add(time.Hour))
		}, Same: true, SameBytes: true},
		{Name: "truncated", Damage: func(cache string) error { return os.Truncate(in(cache, "WIN11.gho"), 23_999) }, Bytes: -1},
		{Name: "emptied", Damage: func(cache string) error { return os.Truncate(in(cache, "WIN11.gho"), 0) }, Bytes: -24_000},
		{Name: "an extra file", Damage: add("WIN11 (1).gho", "x"), Files: 1, Bytes: 1},
		{Name: "an extra empty file", Damage: add("desktop.ini", ""), Files: 1},
		{Name: "an extra empty folder", Damage: func(cache string) error { return os.Mkdir(in(cache, "new"), 0o777) }, Same: true, SameBytes: true},
		{Name: "a missing file", Damage: remove("WIN11 23H2 part 2.ghs"), Files: -1, Bytes: -11},
		{Name: "a missing empty file", Damage: remove("empty.txt"), Files: -1},
		{Name: "an empty folder", Damage: func(cache string) error {
			return errorsOf(remove("")(cache), os.Mkdir(cache, 0o777))
		}, Files: -4, Bytes: -24_017},
		{Name: "no folder", Damage: remove(""), NoFolder: true, Files: -4, Bytes: -24_017},
		{Name: "a file for the folder", Damage: func(cache string) error {
			return errorsOf(remove("")(cache), os.WriteFile(cache, nil, 0o666))
		}, Error: "is a file where a folder should be"},
		{Name: "files of the agent beside the folder", Damage: func(cache string) error {
			return add("../snapshot.xml", "<s version='1'/>")(cache)
		}, Same: true, SameBytes: true},
		{Name: "a name in another case", Damage: rename("WIN11.gho", "win11.GHO")},
		{Name: "two names that differ in case", Damage: add("win11.GHO", "x"), Files: 1, Bytes: 1, Unless: needsCase},
		{Name: "a name in NFD", Damage: rename("drivers/Caf\u00e9", "drivers/Cafe\u0301"), Same: true, SameBytes: true},
		{Name: "a name in NFC and in NFD", Damage: add("drivers/Cafe\u0301/\u7532.inf", "driver"),
			Error: "two files have the name drivers/Caf\u00e9/\u7532.inf", Unless: needsCase},
		{Name: "a very long path", Damage: add(deep, "x"), Files: 1, Bytes: 1},
		{Name: "names that are devices on Windows", Damage: add("sub/aux.gho", "x"), Files: 1, Bytes: 1, Unless: windowsCannot},
		{Name: "characters that Windows cannot have", Damage: add(`a:b?"<c>|*`, "x"), Files: 1, Bytes: 1, Unless: windowsCannot},
		{Name: "a backslash in a name", Damage: add(`a\b`, "x"), Error: "holds a character that no file of a package can have", Unless: windowsCannot},
		{Name: "a line break in a name", Damage: add("a\nb", "x"), Error: "holds a character that no file of a package can have", Unless: windowsCannot},
		{Name: "a name that is not UTF-8", Damage: add("a\xff", "x"), Error: "is not UTF-8", Unless: needsCase},
		{Name: "a link to a file outside", Damage: link("link.gho", "/etc/hostname"), Error: "links are not followed", Unless: windowsCannot},
		{Name: "a link to a folder inside", Damage: link("link", "drivers"), Error: "links are not followed", Unless: windowsCannot},
		{Name: "a link that goes in circles", Damage: link("drivers/link", ".."), Error: "links are not followed", Unless: windowsCannot},
		{Name: "a link that leads nowhere", Damage: link("link", "nowhere"), Error: "links are not followed", Unless: windowsCannot},
		{Name: "a link for the folder", Damage: linkCache, Error: "links are not followed", Unless: windowsCannot},
		{Name: "a junction", Damage: junction, Error: "is neither a file nor a folder", Unless: onlyWindows},
		{Name: "an unreadable file", Damage: func(cache string) error { return os.Chmod(in(cache, "WIN11.gho"), 0) },
			Error: "WIN11.gho cannot be read: ", Unless: notRoot},
		{Name: "a sparse file", Damage: sparse("sparse.gho", 3<<20), Files: 1, Bytes: 3 << 20},
		{Name: "a sparse file of 8 GiB", Damage: sparse("sparse.gho", large), Files: 1, Bytes: large, ListOnly: true},
	}
}

// errorsOf returns the first error.
func errorsOf(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}
