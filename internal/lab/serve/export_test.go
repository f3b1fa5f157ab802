package serve

import "time"

// EncodeName is for tests.
var EncodeName = encodeName

var fuzzTime = time.Unix(1_800_000_000, 0)
