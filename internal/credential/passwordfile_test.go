package credential

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pslan/internal/declared"
)

func TestPasswordFile(t *testing.T) {
	for _, c := range []struct {
		name, text, password, err string // err: a part of it
	}{
		{"as it is", "hunter2", "hunter2", ""},
		{"a line's end", "hunter2\n", "hunter2", ""},
		{"of Windows, with a mark", "\ufeffhunter2\r\n", "hunter2", ""},
		{"what PowerShell's > writes", "\xff\xfeh\x00\xfc\x00\r\x00\n\x00", "hü", ""},
		{"the other order of bytes", "\xfe\xff\x00h\x00i", "hi", ""},
		{"blanks are part of it", " hunter 2 \n", " hunter 2 ", ""},
		{"empty", "", "", "is empty"},
		{"a line's end alone", "\r\n", "", "is empty"},
		{"a mark alone", "\xff\xfe", "", "is empty"},
		{"two lines", "hunter2\nsecond\n", "", "more than one line"},
		{"a control character", "hunter2\tx", "", "a control character"},
		{"UTF-16 without a mark", "h\x00i\x00", "", "save it as UTF-8"},
		{"half a character", "\xff\xfeh", "", "save it as UTF-8"},
		{"of another code page", "h\xfc", "", "save it as UTF-8"},
		{"large", strings.Repeat("x", passwordLimit+1), "", "larger than"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "secret.txt")
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := PasswordFile(path)
			if c.err == "" && (err != nil || got != c.password) {
				t.Errorf("%q, %v; want %q", got, err, c.password)
			}
			if c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err) || strings.Contains(err.Error(), "hunter2")) {
				t.Errorf("error %v, want one with %q and without the password", err, c.err)
			}
		})
	}
}

func TestPasswordOfTheEnvironment(t *testing.T) {
	read := func(password string) (*Credential, error) {
		return Read(Source{Login: &declared.Login{User: "svc"}, Prefix: "PSLAN_SMP",
			Env: func(name string) string { return map[string]string{"PSLAN_SMP_PASSWORD": password}[name] }})
	}
	if got, err := read("hunter2\r\n"); err != nil || got.Password() != "hunter2" {
		t.Errorf("a line's end: %v, %v", got, err)
	}
	if _, err := read("hunter2\nsecond"); err == nil || err.Error() != "PSLAN_SMP_PASSWORD has more than one line: it holds the password and nothing else" {
		t.Errorf("two lines: %v", err)
	}
}
