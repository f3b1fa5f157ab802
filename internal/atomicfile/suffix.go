package atomicfile

import "crypto/rand"

// suffix makes temporary names that two processes never share.
func suffix() string { return rand.Text()[:10] }
