// Command benchrun measures whole processes of pslan on a made-up estate of N
// images with 20 copies each, in three shapes of HCL. scripts/bench runs it.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"pslan/internal/synthetic"
)

func main() {
	runs := flag.Int("runs", 5, "how often each command is run; the median is printed")
	seed := flag.Uint64("seed", 1, "seed of the estate")
	keep := flag.String("keep", "", "folder for the files; kept afterwards")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: scripts/bench [-runs=5] [-seed=1] [-keep=DIR] N")
		flag.PrintDefaults()
	}
	flag.Parse()
	n, err := strconv.Atoi(flag.Arg(0))
	if flag.NArg() != 1 || err != nil || n < 1 || *runs < 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(synthetic.Bench{Images: n, Seed: *seed}, *runs, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(bench synthetic.Bench, runs int, keep string) error {
	root := keep
	if root == "" {
		var err error
		if root, err = os.MkdirTemp("", "pslan-bench-"); err != nil {
			return err
		}
		defer os.RemoveAll(root)
	}
	binary := filepath.Join(root, "pslan")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	if out, err := exec.Command("go", "build", "-o", binary, "./cmd/pslan").CombinedOutput(); err != nil {
		return fmt.Errorf("building pslan: %w\n%s", err, out)
	}
	state, err := writeAll(bench, root)
	if err != nil {
		return err
	}
	fmt.Printf("%d images x 20 copies, 500 servers, %d owners change; seed %d; %s/%s, %d processors, %s\n\n",
		bench.Images, bench.Moves(), bench.Seed, runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	fmt.Printf("%-10s %-9s %12s %12s   %s\n", "shape", "command", "median", "peak memory", "result")
	for _, shape := range synthetic.Shapes() {
		for _, args := range [][]string{{"validate"}, {"plan", "-state=" + state}} {
			m, err := measure(binary, filepath.Join(root, string(shape)), args, runs)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", shape, args[0], err)
			}
			fmt.Printf("%-10s %-9s %12s %12s   %s\n", shape, args[0], m.wall.Round(time.Millisecond), m.memory(), m.result)
		}
	}
	return nil
}

// writeAll writes the estate once and the files of each shape in a folder of its own.
func writeAll(bench synthetic.Bench, root string) (state string, err error) {
	state = filepath.Join(root, "estate.json")
	f, err := os.Create(state)
	if err != nil {
		return "", err
	}
	if err := bench.WriteEstate(f); err != nil {
		f.Close()
		return "", err
	}
	if err := f.Close(); err != nil {
		return "", err
	}
	for _, shape := range synthetic.Shapes() {
		dir := filepath.Join(root, string(shape))
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return "", err
		}
		if err := bench.WriteFiles(shape, createIn(dir)); err != nil {
			return "", err
		}
	}
	return state, nil
}
