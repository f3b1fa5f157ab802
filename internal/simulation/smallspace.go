package simulation

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// smallFrame is what all images of a case share.
type smallFrame struct {
	number       int
	servers      int
	off, retired set
}

// smallFrames are all frames of so many servers.
func smallFrames(servers int) []smallFrame {
	var out []smallFrame
	for off := range bit(servers) {
		for retired := range bit(servers) {
			out = append(out, smallFrame{len(out), servers, off, retired})
		}
	}
	return out
}

// digits draws the parts of an image from one number.
type digits struct{ n int }

func (d *digits) below(k int) int {
	v := d.n % k
	d.n /= k
	return v
}

// numbers is how many numbers of images there are.
func (f smallFrame) numbers() int {
	subsets := 1 << f.servers
	n := (f.servers + 1) * (subsets + 1) * subsets * 2 * 2 * 2 * (f.servers + 1) * (subsets + 1)
	for range f.servers {
		n *= int(classes)
	}
	return n
}

// image is the image with a number. ok is false for one that cannot be, that is refused
// at validation, or that reads and goes like another one.
func (f smallFrame) image(n int) (m SmallImage, ok bool) {
	d, subsets := digits{n}, 1<<f.servers
	subset := func() (set, bool) {
		if v := d.below(subsets + 1); v < subsets {
			return set(v), false
		}
		return 0, true
	}
	m.Owner = int8(d.below(f.servers+1)) - 1
	m.Assigned, m.All = subset()
	m.WantOwner = int8(d.below(f.servers+1)) - 1
	m.WantServer, m.WantAll = subset()
	m.Marked, m.Overdue, m.Recorded, m.Unaware = set(d.below(subsets)), d.below(2) == 1, d.below(2) == 0, d.below(2) == 1
	for k := range f.servers {
		m.Copies[k] = class(d.below(int(classes)))
	}
	return m, f.allows(&m)
}

func (f smallFrame) allows(m *SmallImage) bool {
	if m.WantServer&f.retired != 0 || m.WantOwner >= 0 && f.retired.has(int(m.WantOwner)) || m.Overdue && m.Marked == 0 {
		return false
	}
	o := int(m.Owner)
	if m.Unaware && (o < 0 || f.off.has(o)) { // a server that is off shows nothing new
		return false
	}
	for k := range f.servers {
		marked := m.Marked.has(k)
		switch c := m.Copies[k]; {
		case marked && c == absent: // a mark stands on a folder
			return false
		case !f.off.has(k) || c == good:
		case marked && c != empty, !marked && c != absent: // not to be seen, and never a source: good or not is all
			return false
		}
	}
	// Without a record the owner's part of the files would be the reference, and what is called good here would not be.
	return o < 0 || m.Recorded || m.Copies[o] != partial || f.off.has(o)
}

// with is the case of some images in the frame.
func (f smallFrame) with(images ...SmallImage) Small {
	return Small{Servers: f.servers, Off: f.off, Retired: f.retired, Images: images}
}

// canonical reports whether the servers stand in the order of what is so of them:
// of all renamings of a case one is tried.
func (c *Small) canonical() bool {
	last := ^uint64(0)
	for k := range c.Servers {
		sig := uint64(0)
		put := func(v uint64, bits int) { sig = sig<<bits | v }
		flag := func(b bool) {
			if b {
				put(1, 1)
			} else {
				put(0, 1)
			}
		}
		flag(c.Off.has(k))
		flag(c.Retired.has(k))
		for i := range c.Images {
			m := &c.Images[i]
			flag(int(m.Owner) == k)
			flag(m.Assigned.has(k))
			flag(m.Marked.has(k))
			put(uint64(m.Copies[k]), 2)
			flag(int(m.WantOwner) == k)
			flag(m.WantServer.has(k))
		}
		if sig > last {
			return false
		}
		last = sig
	}
	return true
}

// smallScope is a part of the model checking: which cases of a size are tried.
type smallScope struct {
	name            string
	servers, images int
	// plain: what the owner held is on record, it takes itself for the owner, and no mark
	// is overdue.
	plain bool
	// renamed: of all cases that differ in the names of servers only, one is tried.
	renamed bool
	// beside: each image stands beside so many drawn ones; 0: beside each that there is.
	beside int
	// few: only so many cases of each frame are drawn; 0: all.
	few int
}

// each calls try with the cases of a frame.
func (z *smallScope) each(f smallFrame, try func(name string, c *Small)) {
	draws := rand.New(rand.NewPCG(uint64(f.number), uint64(z.servers)))
	if z.few > 0 {
		for range z.few {
			numbers := make([]int, z.images)
			for i := range numbers {
				numbers[i] = z.draw(f, draws)
			}
			z.offer(f, try, numbers...)
		}
		return
	}
	all := z.all(f)
	for i, a := range all {
		switch {
		case z.images == 1:
			z.offer(f, try, a)
		case z.beside > 0:
			for range z.beside {
				z.offer(f, try, a, all[draws.IntN(len(all))])
			}
		default: // in one order: two images differ in nothing but their names
			for _, b := range all[:i+1] {
				z.offer(f, try, a, b)
			}
		}
	}
}

func (z *smallScope) has(f smallFrame, n int) bool {
	m, ok := f.image(n)
	return ok && (!z.plain || m.Recorded && !m.Overdue && !m.Unaware)
}

func (z *smallScope) draw(f smallFrame, draws *rand.Rand) int {
	for {
		if n := draws.IntN(f.numbers()); z.has(f, n) {
			return n
		}
	}
}

func (z *smallScope) all(f smallFrame) (out []int) {
	for n := range f.numbers() {
		if z.has(f, n) {
			out = append(out, n)
		}
	}
	return out
}

func (z *smallScope) offer(f smallFrame, try func(name string, c *Small), numbers ...int) {
	c := f.with(make([]SmallImage, len(numbers))...)
	for i, n := range numbers {
		c.Images[i], _ = f.image(n)
	}
	if z.renamed && !c.canonical() {
		return
	}
	try(smallName(f, numbers), &c)
}

// smallName names a case: servers, frame, images.
func smallName(f smallFrame, numbers []int) string {
	name := fmt.Sprintf("%d.%d", f.servers, f.number)
	for _, n := range numbers {
		name += "." + strconv.Itoa(n)
	}
	return name
}

// smallNamed is the case with a name.
func smallNamed(name string) (Small, error) {
	var n []int
	for part := range strings.SplitSeq(name, ".") {
		v, err := strconv.Atoi(part)
		if err != nil || v < 0 {
			return Small{}, fmt.Errorf("%q is no case: servers, frame, and one or two images, as in 2.3.1234", name)
		}
		n = append(n, v)
	}
	if len(n) < 3 || len(n) > 4 || n[0] < 1 || n[0] > 3 || n[1] >= len(smallFrames(n[0])) {
		return Small{}, fmt.Errorf("%q is no case: 1 to 3 servers, a frame, and one or two images", name)
	}
	f := smallFrames(n[0])[n[1]]
	c := f.with()
	for _, v := range n[2:] {
		m, ok := f.image(v)
		if v >= f.numbers() || !ok {
			return Small{}, fmt.Errorf("%q is no case: there is no image %d in its frame", name, v)
		}
		c.Images = append(c.Images, m)
	}
	return c, nil
}
