package command

import (
	"fmt"
	"os"
	"strings"
)

// zombie reports whether a process has ended and nobody has asked for its result.
func zombie(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && strings.Contains(string(text), ") Z ")
}
