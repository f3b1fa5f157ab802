package serve

// EncodeName is for tests.
var EncodeName = encodeName
