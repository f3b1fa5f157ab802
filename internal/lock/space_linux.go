package lock

import (
	"bytes"
	"fmt"
	"os"
	"strings"
)

// processSpace names what makes process numbers comparable: this start of the machine,
// and the container's own numbering in it. It is empty where that cannot be seen.
func processSpace() string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	numbering, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(boot)) + " " + numbering
}

// defunct reports whether a process has ended and only its number is left, because
// nobody has asked how it ended: in a container that can stay so for good.
func defunct(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	// The state stands behind the name, which is in brackets and may hold anything.
	behind := bytes.LastIndex(text, []byte(") ")) + 2
	return behind >= 2 && behind < len(text) && (text[behind] == 'Z' || text[behind] == 'X')
}
