package planfile_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pslan/internal/planfile"
	"pslan/internal/platform"
	"pslan/internal/proposal"
	"pslan/internal/view/sample"
)

func savedBytes(t *testing.T, p *proposal.Proposal) []byte {
	t.Helper()
	text, err := os.ReadFile(save(t, p))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func write(t *testing.T, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plan.json")
	if err := os.WriteFile(path, text, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoadRefuses(t *testing.T) {
	whole := savedBytes(t, sample.Everything())
	replace := func(old, now string) []byte {
		if !bytes.Contains(whole, []byte(old)) {
			t.Fatalf("the saved plan does not contain %s", old)
		}
		return bytes.Replace(whole, []byte(old), []byte(now), 1)
	}
	tests := []struct {
		name, version string
		text          []byte
		want, hint    string
	}{
		{"nothing", sample.Version, nil, "it is empty", "plan -out"},
		{"something else", sample.Version, []byte("image \"win11\" {\n}\n"), "it is not a saved plan", "plan -out"},
		{"a list", sample.Version, []byte("[1, 2]"), "it is not a saved plan", "plan -out"},
		{"an estate file", sample.Version, []byte(`{"format_version": "1.0", "taken_at": "2026-11-22T10:00:00Z"}`), "it is an estate file", "plan -state="},
		{"a journal", sample.Version, []byte(`{"seq":1,"kind":"opened"}` + "\n"), "it is the journal of a run", "pslan show"},
		{"the head only", sample.Version, whole[:90], "it is cut off", "plan -out"},
		{"cut in the middle", sample.Version, whole[:len(whole)/2], "it is cut off", "plan -out"},
		{"the last byte missing", sample.Version, whole[:len(whole)-1], "changed after it was saved", "plan -out"},
		{"a document", sample.Version, document(t, sample.Everything()), "it is a plan document, not a saved plan", "for reading"},
		{"another version", "0.2.0", whole, "pslan 0.1.0 made it, and this is pslan 0.2.0", "version that made it"},
		{"too new", sample.Version, replace(`"format_version":"1.2"`, `"format_version":"2.0"`), `its format is "2.0"`, "that wrote it"},
		{"edited", sample.Version, replace(`"risk":"deletes_data"`, `"risk":"none"`), "changed after it was saved", "not to be edited"},
		{"line ends converted", sample.Version, bytes.ReplaceAll(whole, []byte("\n"), []byte("\r\n")), "changed after it was saved", "line ends"},
		{"too deep", sample.Version, replace(`"variables":{`, `"variables":{"x":`+strings.Repeat("[", 100)+strings.Repeat("]", 100)+`,`), "nested more than", "plan -out"},
		{"never ending depth", sample.Version, append([]byte(`{"pslan_version":"0.1.0","format_version":"1.2","x":`), bytes.Repeat([]byte("["), 1<<20)...), "nested more than", "plan -out"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := planfile.Load(write(t, tt.text), tt.version)
			var pe *platform.Error
			if !errors.As(err, &pe) || p != nil {
				t.Fatalf("got %v, %v; want a platform error and no plan", p, err)
			}
			if pe.Kind != platform.KindBadInput || !strings.Contains(pe.Error(), tt.want) || !strings.Contains(pe.Hint, tt.hint) {
				t.Errorf("kind %v: %v\nhint: %s", pe.Kind, pe, pe.Hint)
			}
		})
	}
}

func TestLoadWhereThereIsNoFile(t *testing.T) {
	folder := t.TempDir()
	var pe *platform.Error
	if _, err := planfile.Load(filepath.Join(folder, "none"), "0.1.0"); !errors.As(err, &pe) || pe.Kind != platform.KindNotFound {
		t.Errorf("a missing file gives %v", err)
	}
	if _, err := planfile.Load(folder, "0.1.0"); !errors.As(err, &pe) || !strings.Contains(pe.Error(), "not a file") {
		t.Errorf("a folder gives %v", err)
	}
}

func TestSaveLeavesTheOldPlanWhereItFails(t *testing.T) {
	path := save(t, sample.One())
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p := sample.One()
	bad := p.Variables["new_server"]
	bad.Value = `{"not JSON`
	p.Variables["new_server"] = bad
	if err := planfile.Save(path, p); err == nil {
		t.Fatal("a value that is not JSON was saved")
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the old plan is gone: %v", err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("something is left beside the plan: %v, %v", entries, err)
	}
}

func TestSniff(t *testing.T) {
	tests := []struct {
		name string
		text []byte
		want planfile.Kind
	}{
		{"saved plan", savedBytes(t, sample.One()), planfile.KindPlan},
		{"plan document", document(t, sample.Many(100)), planfile.KindPlan},
		{"estate", []byte("\xef\xbb\xbf{\r\n \"format_version\": \"1.0\", \"smp\": {}}"), planfile.KindEstate},
		{"compressed estate", []byte("\x28\xb5\x2f\xfd\x00"), planfile.KindEstate},
		{"gzipped estate", []byte("\x1f\x8b\x08"), planfile.KindEstate},
		{"journal", []byte(`{"seq":1,"kind":"opened"}` + "\n" + `{"seq":2}`), planfile.KindJournal},
		{"torn journal", []byte(`{"seq":1,"ki`), planfile.KindJournal},
		{"other JSON", []byte(`{"hello": "world"}`), planfile.KindUnknown},
		{"text", []byte("hello"), planfile.KindUnknown},
		{"nothing", nil, planfile.KindUnknown},
		{"broken", []byte(`{"x": }`), planfile.KindUnknown},
	}
	for _, tt := range tests {
		got, err := planfile.Sniff(write(t, tt.text))
		if err != nil || got != tt.want {
			t.Errorf("%s is taken for %v (%v), want %v", tt.name, got, err, tt.want)
		}
	}
	if _, err := planfile.Sniff(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file gives %v", err)
	}
}
