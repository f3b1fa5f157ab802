package platform

// Resumer is a platform that remembers what it was asked for while that is under way,
// and can be told what an earlier run has asked for.
type Resumer interface {
	// Resume tells, before the first reading, which takes of ownership may be under way: a
	// run that ended has asked for them, and has not seen them. It asks for nothing.
	Resume([]Transfer)
}

// Transfer is a take of ownership that was asked for.
type Transfer struct {
	Image    ImageRef
	From, To string // names of servers
}
