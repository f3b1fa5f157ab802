package login

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"

	"github.com/jcmturner/gokrb5/v8/client"
	"github.com/jcmturner/gokrb5/v8/gssapi"
	"github.com/jcmturner/gokrb5/v8/iana/chksumtype"
	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/spnego"
	"github.com/jcmturner/gokrb5/v8/types"

	"pslan/internal/credential"
)

// ticket makes a token of Kerberos for the server of a request.
func (c *connection) ticket(req *http.Request) (token []byte, err error) {
	defer func() {
		if p := recover(); p != nil { // the library panics on some broken messages
			err = fmt.Errorf("%w: the KDC's answer is broken", errNoTicketFor)
		}
	}()
	name := host(req)
	if isAddress(name) && c.account.who.Method != credential.Kerberos {
		return nil, fmt.Errorf("%w: %s is an address; Kerberos needs the server's name", errNoTicketFor, name)
	}
	cl, err := c.account.client()
	if err != nil {
		return nil, err
	}
	ticket, key, err := cl.GetServiceTicket("HTTP/" + name)
	if err != nil {
		c.account.forget(cl)
		return nil, fmt.Errorf("%w for HTTP/%s: %w", errNoTicketFor, name, err)
	}
	return kerberosToken(cl, ticket, key, bindingHash(c.tls))
}

// client logs in to the realm, once for all connections.
func (a *Account) client() (*client.Client, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.kerberos == nil {
		cl, err := a.who.Kerberos()
		if err != nil {
			return nil, err
		}
		a.kerberos = cl
	}
	return a.kerberos, nil
}

// forget drops a client of a ticket cache that gets no more tickets: somebody may have
// called kinit since. One with a keytab or a password logs in again by itself.
func (a *Account) forget(cl *client.Client) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.kerberos == cl && a.who.Cache != "" {
		a.kerberos = nil // not destroyed: others may be using it, and nothing runs in it
	}
}

// kerberosToken is an AP-REQ in GSS-API's frame in SPNEGO's. Its checksum says what
// the context is for and to which channel it is bound (RFC 4121, 4.1.1).
func kerberosToken(cl *client.Client, ticket messages.Ticket, key types.EncryptionKey, bound []byte) ([]byte, error) {
	token, err := spnego.NewKRB5TokenAPREQ(cl, ticket, key, []int{gssapi.ContextFlagInteg, gssapi.ContextFlagConf}, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoTicketFor, err)
	}
	if bound != nil { // the library leaves the channel out: its message is made again
		auth, err := types.NewAuthenticator(cl.Credentials.Domain(), cl.Credentials.CName())
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errNoTicketFor, err)
		}
		sum := make([]byte, 24)
		binary.LittleEndian.PutUint32(sum, 16)
		copy(sum[4:20], bound)
		binary.LittleEndian.PutUint32(sum[20:], gssapi.ContextFlagInteg|gssapi.ContextFlagConf)
		auth.Cksum = types.Checksum{CksumType: chksumtype.GSSAPI, Checksum: sum}
		if token.APReq, err = messages.NewAPReq(ticket, key, auth); err != nil {
			return nil, fmt.Errorf("%w: %w", errNoTicketFor, err)
		}
	}
	inner, err := token.Marshal()
	if err != nil {
		return nil, errors.Join(errNoTicketFor, err)
	}
	return wrapInit(oidKerberos, inner)
}
