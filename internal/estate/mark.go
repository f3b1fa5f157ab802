package estate

import "time"

// MarkDoubt is how much sooner a marked copy may go than is told. The agent's own file
// says no time zone (N) and is read as UTC; a database tells local times; clocks differ.
const MarkDoubt = Time(24 * time.Hour)

// DueBy reports whether a refresh at a moment may delete a copy because of its mark.
func (c *Copy) DueBy(at Time) bool { return c.DeleteAfter != 0 && c.DeleteAfter <= at+MarkDoubt }
