package probe

import "path/filepath"

// DefaultRoot is where a package server keeps its packages by default, "" where
// nothing is known. Windows: below the agent's default folder (D, KB 150861). Linux:
// the agent's folder is documented (D, KB 178941), what lies in it is not, so the
// same name is tried (I). A server can have been told another place (D, KB 416627).
func DefaultRoot(goos string, env func(name string) string) string {
	switch goos {
	case "windows":
		programs := env("ProgramFiles")
		if programs == "" {
			programs = `C:\Program Files`
		}
		return filepath.Join(programs, "Altiris", "Altiris Agent", "Package Delivery")
	case "linux":
		return "/opt/altiris/notification/psagent/Package Delivery"
	}
	return ""
}
