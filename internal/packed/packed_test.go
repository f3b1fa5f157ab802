package packed

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestRoundTrip(t *testing.T) {
	text := strings.Repeat("snapshot ", 10_000)
	for name, packs := range map[string]bool{"a.json": false, "a.json.gz": true, "a.JSON.ZST": true, "gz": false} {
		var b bytes.Buffer
		if err := Write(name, &b, func(w io.Writer) error { _, err := io.WriteString(w, text); return err }); err != nil {
			t.Fatal(err)
		}
		if packs != (b.Len() < 1000) {
			t.Errorf("%s: %d bytes", name, b.Len())
		}
		in, closer, err := Read(&b, 1<<30)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(in)
		closer()
		if err != nil || string(got) != text {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
}

func TestErrors(t *testing.T) {
	full := errors.New("full")
	for _, name := range []string{"a", "a.gz", "a.zst"} {
		if err := Write(name, io.Discard, func(io.Writer) error { return full }); !errors.Is(err, full) {
			t.Errorf("%s: %v", name, err)
		}
	}
	in, closer, err := Read(strings.NewReader(strings.Repeat("x", 100)), 50)
	if err != nil {
		t.Fatal(err)
	}
	defer closer()
	if _, err := io.ReadAll(in); err == nil || !strings.Contains(err.Error(), "unpacks to more than") {
		t.Error(err)
	}
	if _, _, err := Read(strings.NewReader("\x1f\x8bnot gzip"), 50); err == nil {
		t.Error("broken gzip was opened")
	}
}
