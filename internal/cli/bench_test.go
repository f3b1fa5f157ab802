package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pslan/internal/synthetic"
)

// BenchmarkPlan runs the whole of plan -state in process, for each shape of files.
// With -cpuprofile it shows where the time goes; scripts/bench measures processes.
func BenchmarkPlan(b *testing.B) {
	const images = 10_000
	made := synthetic.Bench{Images: images, Seed: 1}
	root := b.TempDir()
	state, err := os.Create(filepath.Join(root, "estate.json"))
	if err != nil {
		b.Fatal(err)
	}
	if err := made.WriteEstate(state); err != nil {
		b.Fatal(err)
	}
	if err := state.Close(); err != nil {
		b.Fatal(err)
	}
	for _, shape := range synthetic.Shapes() {
		dir := filepath.Join(root, string(shape))
		if err := os.Mkdir(dir, 0o777); err != nil {
			b.Fatal(err)
		}
		create := func(name string) (io.WriteCloser, error) { return os.Create(filepath.Join(dir, name)) }
		if err := made.WriteFiles(shape, create); err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("%s/%d", shape, images), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				code := Main(context.Background(), IO{
					Args: []string{"plan", "-state=" + state.Name()}, Stdout: io.Discard, Stderr: os.Stderr, Dir: dir, Now: time.Now,
				})
				if code != 0 {
					b.Fatalf("exit code %d", code)
				}
			}
		})
	}
}
