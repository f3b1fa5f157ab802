// Package contentfile keeps the recorded content of images: what the owner's copy held
// when it was last seen good, one image on a line, in a file beside the configuration
// that is committed with it. When the owner is gone, it still says what a good copy
// must hold.
//
// What it promises: only a copy that is good by all that is known is recorded
// (estate.Judge), and what was recorded for a version is never replaced by another
// content of the same version. The file changes only when something was learned, so
// that a version control system stays quiet, and then as a whole or not at all. A file
// that is broken gives no record and is never written over; every problem is told with
// its place.
//
// It knows nothing of configuration, plans or platforms.
package contentfile
