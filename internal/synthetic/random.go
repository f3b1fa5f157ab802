package synthetic

import (
	"crypto/sha256"
	"encoding/hex"
)

// random is the splitmix64 generator. math/rand may give other numbers in another
// version of Go; an estate under version control must not.
type random struct{ state uint64 }

func (r *random) next() uint64 {
	r.state += 0x9e3779b97f4a7c15
	z := r.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below returns a number from 0 to n-1.
func (r *random) below(n int) int { return int(r.next() % uint64(n)) }

// percent is true in p of 100 calls.
func (r *random) percent(p int) bool { return r.below(100) < p }

// guid makes a GUID from a text: the same text, the same GUID.
func guid(text string) string {
	sum := sha256.Sum256([]byte("guid " + text))
	sum[6] = sum[6]&0x0f | 0x50 // version 5, a GUID made from a name
	sum[8] = sum[8]&0x3f | 0x80
	h := hex.EncodeToString(sum[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// digest makes a label for bytes: the same text stands for the same bytes.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(sum[:])
}
