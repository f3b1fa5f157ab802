package peertest

import (
	"bufio"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	_ "embed"
)

//go:embed acceptor.py
var acceptorScript string

var acceptor = kind{[]string{"PSLAN_TEST_APACHE"}, "python3-gssapi gss-ntlmssp"}

// Acceptor is MIT's GSS-API on the side of a server: it checks what Apache's module
// does not, that a login is bound to its channel.
type Acceptor struct {
	in  io.Writer
	out *bufio.Reader
}

// StartAcceptor starts one. nil: left out.
func StartAcceptor(tb testing.TB, k *KDC, keytab string, ntlm map[string]string) *Acceptor {
	tb.Helper()
	const module = "/usr/lib/python3/dist-packages/gssapi"
	if find(tb, acceptor, "__init__.py", module) == "" {
		return nil
	}
	dir := folder(tb)
	cmd := exec.Command("/usr/bin/python3", write(tb, dir, "acceptor.py", acceptorScript))
	cmd.Env = append(os.Environ(), "KRB5_CONFIG="+k.Config, "KRB5_KTNAME="+keytab, "NTLM_USER_FILE="+ntlmUsers(tb, dir, ntlm), "KRB5RCACHENAME=dfl:", "KRB5RCACHEDIR="+dir, "NETBIOS_COMPUTER_NAME=WEB", "NETBIOS_DOMAIN_NAME=CONTOSO")
	in, err := cmd.StdinPipe()
	check(tb, err)
	out, err := cmd.StdoutPipe()
	check(tb, err)
	log, err := os.Create(filepath.Join(dir, "log"))
	check(tb, err)
	defer log.Close()
	cmd.Stderr = log
	ownGroup(cmd)
	check(tb, cmd.Start())
	tb.Cleanup(func() {
		killGroup(cmd)
		_ = cmd.Wait() // it is killed
	})
	return &Acceptor{in: in, out: bufio.NewReader(out)}
}

// Begin begins a login on a channel with this application data.
func (a *Acceptor) Begin(data []byte) error {
	_, err := a.say("new " + hex.EncodeToString(data))
	return err
}

// Step takes a token of the client. user: it is logged in; else reply is what it is
// told.
func (a *Acceptor) Step(token []byte) (user string, reply []byte, err error) {
	line, err := a.say("step " + base64.StdEncoding.EncodeToString(token))
	if err != nil {
		return "", nil, err
	}
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "done":
		return rest, nil, nil
	case "more":
		reply, err = base64.StdEncoding.DecodeString(rest)
		return "", reply, err
	}
	return "", nil, errors.New(rest)
}

func (a *Acceptor) say(line string) (string, error) {
	if _, err := fmt.Fprintln(a.in, line); err != nil {
		return "", err
	}
	answer, err := a.out.ReadString('\n')
	return strings.TrimSpace(answer), err
}
