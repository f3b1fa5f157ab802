package content

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pslan/internal/estate"
	"pslan/internal/platform"
)

// TestDigestByHand compares with digests that were made with sha256sum and sort.
func TestDigestByHand(t *testing.T) {
	hello := estate.Digest(sha256.Sum256([]byte("hello\n")))
	files := []platform.File{
		{Path: "b/2.gho", Bytes: 6, SHA256: hello},
		{Path: "B.gho", Bytes: 6, SHA256: hello},
		{Path: "b 1.gho", Bytes: 6, SHA256: hello},
	}
	lines := "6  B.gho\n6  b 1.gho\n6  b/2.gho\n"
	hashed := strings.ReplaceAll(lines, "6  ", "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03  6  ")
	got := Digest(files)
	want := Sums{Files: 3, Bytes: 18, Digest: sha256.Sum256([]byte(hashed)), Listing: sha256.Sum256([]byte(lines))}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	files[1].SHA256 = estate.Digest{}
	if got := Digest(files); !got.Digest.IsZero() || got.Listing != want.Listing {
		t.Errorf("with a file that was not hashed: %+v", got)
	}
	if got := Digest(nil); got != (Sums{}) {
		t.Errorf("of nothing: %+v", got)
	}
}

// TestDigestProperties: the order of the files is nothing, everything else counts.
func TestDigestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		paths := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-cA-C /é]{1,6}`), 1, 8, rapid.ID).Draw(t, "paths")
		var files []platform.File
		for i, p := range paths {
			files = append(files, platform.File{Path: p, Bytes: int64(i), SHA256: estate.Digest{byte(i + 1)}})
		}
		want := Digest(files)
		other := slices.Clone(files)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		r.Shuffle(len(other), func(i, j int) { other[i], other[j] = other[j], other[i] })
		if Digest(other) != want {
			t.Fatal("the order of the files changes the digest")
		}
		i := rapid.IntRange(0, len(files)-1).Draw(t, "file")
		switch rapid.IntRange(0, 2).Draw(t, "change") {
		case 0:
			other[i].Bytes += 100
		case 1:
			other[i].Path += "x"
		case 2:
			other[i].SHA256[31]++
			if got := Digest(other); got.Listing != want.Listing {
				t.Fatal("hashes change the listing")
			}
		}
		if Digest(other).Digest == want.Digest {
			t.Fatal("another content has the same digest")
		}
	})
}

// TestDigestAgainstTools makes the digests with the script that the documentation
// names, which needs nothing but sha256sum, stat and sort.
func TestDigestAgainstTools(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Log("sha256sum, stat and sort are those of Linux; nothing to compare with here")
		return
	}
	script, err := filepath.Abs(filepath.Join("..", "..", "scripts", "digest"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"a.gho": "one", "a-1.gho": "two", "a/b.gho": "three", "A.gho": "four", "sub/B.gho": "", "sub/\u00e9.gho": "drei",
		" two  blanks ": "blank", "-n": "minus", "sub/$HOME`x`'\"": "quotes", "100%s.gho": "percent",
	})
	fsys, closer, err := openDisk(filepath.Dir(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	files, folder, err := ReadTree(t.Context(), fsys, filepath.Base(dir), true)
	if err != nil || !folder {
		t.Fatal(folder, err)
	}
	sums := Digest(files)
	out, err := exec.Command(script, dir).CombinedOutput()
	want := fmt.Sprintf("digest  %s\nlisting %s\n", sums.Digest, sums.Listing)
	if err != nil || string(out) != want {
		t.Errorf("the tools say\n%swant\n%s%v", out, want, err)
	}
	if out, err := exec.Command(script, t.TempDir()).CombinedOutput(); err == nil || !strings.Contains(string(out), "nothing empty has a digest") {
		t.Errorf("of an empty folder the tools say %s, %v", out, err)
	}
}
