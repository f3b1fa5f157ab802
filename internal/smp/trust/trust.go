// Package trust reads whose certificates pslan trusts: the system's authorities, and
// those of a file that an admin names, because certificates of an SMP and of its
// database are often private ones.
//
// What it promises: a file that cannot be read, or holds no certificate, is refused by
// name, and never taken as trust in everybody or in nobody.
//
// It must not know whose certificate will be checked.
package trust

import (
	"crypto/x509"
	"fmt"
	"io"
	"os"
)

const maxFile = 1 << 20 // bytes

// Roots are the system's authorities and those of a file in PEM; nil without a file:
// the system's alone.
func Roots(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("the CA file cannot be read: %w", err)
	}
	defer f.Close()
	pem, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("the CA file cannot be read: %w", err)
	case len(pem) > maxFile:
		return nil, fmt.Errorf("the CA file %s is larger than %d bytes: it holds certificates and nothing else", file, maxFile)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("the CA file %s holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)", file)
	}
	return pool, nil
}
