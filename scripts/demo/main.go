// Command demo plans and applies an example on the lab, in a new folder, and shows
// every command and all that it prints: go run ./scripts/demo [EXAMPLE]
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"pslan/internal/cli"
)

func main() {
	example := "retire-ps008"
	if len(os.Args) > 1 {
		example = os.Args[1]
	}
	parent, err := os.MkdirTemp("", "pslan-demo-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
	folder := filepath.Join(parent, example)
	for _, step := range []struct {
		dir  string
		args []string
	}{
		{parent, []string{"init", "-example=" + example, example}},
		{folder, []string{"plan"}},
		{folder, []string{"apply", "-auto-approve"}},
		{folder, []string{"plan"}},
	} {
		fmt.Printf("\n$ pslan %s\n", strings.Join(step.args, " "))
		code := cli.Main(context.Background(), cli.IO{
			Args: step.args, Env: append(os.Environ(), "PSLAN_IN_AUTOMATION=1"), Dir: step.dir,
			Stdin: strings.NewReader(""), Stdout: os.Stdout, Stderr: os.Stderr,
		})
		if code != 0 && code != 10 { // 10: something is blocked, as some examples mean to show
			os.Exit(code)
		}
	}
	fmt.Printf("\nThe files and the lab of this run: %s\n", folder)
}
