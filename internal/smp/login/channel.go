package login

import (
	"crypto"
	"crypto/md5"
	_ "crypto/sha256" // for crypto.Hash.New
	_ "crypto/sha512"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
)

// bindingHash is the hash of the channel that Kerberos and NTLM carry (RFC 4121,
// 4.1.1.2; MS-NLMP 2.2.2.1): the MD5 of a gss_channel_bindings_struct without
// addresses whose application data is "tls-server-end-point:" and the hash of the
// server's certificate (RFC 5929, 4.1). nil: no channel, or nothing is defined for it.
func bindingHash(state *tls.ConnectionState) []byte {
	if state == nil || len(state.PeerCertificates) == 0 {
		return nil
	}
	h, ok := endPointHash(state.PeerCertificates[0].SignatureAlgorithm)
	if !ok {
		return nil
	}
	sum := h.New()
	sum.Write(state.PeerCertificates[0].Raw)
	return bindingOf(sum.Sum([]byte("tls-server-end-point:")))
}

func bindingOf(data []byte) []byte {
	b := make([]byte, 16, 20+len(data)) // two addresses: type and length, all zero
	b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
	sum := md5.Sum(append(b, data...))
	return sum[:]
}

// endPointHash is the hash of the certificate's own signature, SHA-256 in place of
// MD5 and SHA-1.
func endPointHash(a x509.SignatureAlgorithm) (crypto.Hash, bool) {
	switch a {
	case x509.MD5WithRSA, x509.SHA1WithRSA, x509.ECDSAWithSHA1, x509.DSAWithSHA1,
		x509.SHA256WithRSA, x509.SHA256WithRSAPSS, x509.ECDSAWithSHA256, x509.DSAWithSHA256:
		return crypto.SHA256, true
	case x509.SHA384WithRSA, x509.SHA384WithRSAPSS, x509.ECDSAWithSHA384:
		return crypto.SHA384, true
	case x509.SHA512WithRSA, x509.SHA512WithRSAPSS, x509.ECDSAWithSHA512:
		return crypto.SHA512, true
	}
	return 0, false
}
