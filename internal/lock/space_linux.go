package lock

import (
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
