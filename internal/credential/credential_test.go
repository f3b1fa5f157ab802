package credential

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pslan/internal/declared"
)

func TestWhoPslanIs(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "secret.txt"), []byte("from-file\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name           string
		login          *declared.Login
		env            map[string]string
		user, password string
		err            string // a part of it
	}{
		{"nobody", nil, nil, "", "", "PSLAN_SMB_USER and PSLAN_SMB_PASSWORD"},
		{"environment", nil, map[string]string{"PSLAN_SMB_USER": `CONTOSO\svc`, "PSLAN_SMB_PASSWORD": "p"}, `CONTOSO\svc`, "p", ""},
		{"block and file", &declared.Login{User: "svc@CONTOSO.COM", PasswordFile: "secret.txt"}, nil, `CONTOSO.COM\svc`, "from-file", ""},
		{"environment goes before the block", &declared.Login{User: "a", PasswordFile: "secret.txt"}, map[string]string{"PSLAN_SMB_PASSWORD": "p"}, "a", "p", ""},
		{"password file that is not there", &declared.Login{User: "a", PasswordFile: "none.txt"}, nil, "", "", "password file cannot be read"},
		{"ntlm without a password", &declared.Login{User: "a", Method: "ntlm"}, nil, "", "", "ntlm needs a user and a password"},
		{"tickets", &declared.Login{Method: "kerberos"}, map[string]string{"KRB5CCNAME": "FILE:/tickets"}, "the owner of /tickets", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Read(Source{Login: c.login, Prefix: "PSLAN_SMB",
				Env:  func(name string) string { return c.env[name] },
				Path: func(name string) string { return filepath.Join(dir, name) }})
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Fatalf("error %v, want one with %q", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != c.user || got.Password() != c.password {
				t.Errorf("%s with %q, want %s with %q", got, got.Password(), c.user, c.password)
			}
			if printed := fmt.Sprintf("%v %+v %#v", got, got, got); c.password != "" && strings.Contains(printed, c.password) && len(c.password) > 1 {
				t.Errorf("the password is printed: %s", printed)
			}
		})
	}
}
