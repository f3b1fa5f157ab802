package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// measurement of one command: medians over its runs.
type measurement struct {
	wall   time.Duration
	peak   int64 // bytes; 0 where the system does not tell
	result string
}

func (m measurement) memory() string {
	if m.peak == 0 {
		return "-"
	}
	return fmt.Sprintf("%d MB", m.peak/1_000_000)
}

func createIn(dir string) func(string) (io.WriteCloser, error) {
	return func(name string) (io.WriteCloser, error) { return os.Create(filepath.Join(dir, name)) }
}

func measure(binary, dir string, args []string, runs int) (measurement, error) {
	var walls []time.Duration
	var peaks []int64
	var m measurement
	for range runs {
		var stdout, stderr bytes.Buffer
		cmd := exec.Command(binary, append(args, "-no-color")...)
		cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &stdout, &stderr
		start := time.Now()
		err := cmd.Run()
		wall := time.Since(start)
		if code := exitCode(err); code != 0 && code != 10 { // 10: a finding stands; the work was done
			return m, fmt.Errorf("%w\n%s", err, tail(stderr.String(), 20))
		}
		walls = append(walls, wall)
		peaks = append(peaks, peakMemory(cmd.ProcessState))
		m.result = verdict(&stdout)
	}
	slices.Sort(walls)
	slices.Sort(peaks)
	m.wall, m.peak = walls[len(walls)/2], peaks[len(peaks)/2]
	return m, nil
}

func exitCode(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	return -1
}

// verdict finds the line that says what came out, so that a fast wrong answer shows.
func verdict(out io.Reader) string {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		for _, start := range []string{"Plan: ", "No changes.", "Success!", "The configuration is valid"} {
			if strings.HasPrefix(line, start) {
				return line
			}
		}
	}
	return "?"
}

func tail(text string, lines int) string {
	all := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
