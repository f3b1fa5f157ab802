package lab

import (
	"fmt"
	"strings"

	"pslan/internal/lab/world"
)

// form is how a verb is written: what follows it, and what it does.
type form struct {
	verb world.Verb
	args string // kinds of words: server image preboot assignment location smp request duration mood count; "?" optional
	help string
}

// The faults of lab break. Those about one server are written server first.
var breakForms = []form{
	{world.ServerOff, "server", "switch a package server off"},
	{world.ServerOn, "server", "switch it on; it refreshes within a minute"},
	{world.NoSpace, "server", "fill its disk: downloads stop"},
	{world.Space, "server", "give it room again"},
	{world.Slow, "server", "a tenth of the bandwidth, to it and from it"},
	{world.Fast, "server", "full bandwidth again"},
	{world.Stuck, "server", "its downloads stand still"},
	{world.Unstuck, "server", "its downloads move again"},
	{world.Mute, "server", "its status events are lost: the SMP goes on saying what it said"},
	{world.Unmute, "server", "its status events arrive again"},
	{world.Empty, "server image", "empty a copy; its status stays"},
	{world.Missing, "server image", "remove the cache folder of a copy; its status stays"},
	{world.Partial, "server image", "lose some of the files of a copy"},
	{world.Wrong, "server image", "wrong bytes of the right size and time"},
	{world.Cut, "server image", "cut off a running download; the next refresh resumes it"},
	{world.NewOwner, "image server", "somebody else makes a server the owner"},
	{world.NewAssign, "image assignment", "somebody else changes the assignment"},
	{world.FailNext, "request", "the next such request is answered with an error, and not done"},
	{world.LoseNext, "request", "the next such request is done, and the answer lost"},
	{world.IgnoreOne, "request", "the next such request is accepted, and not done"},
	{world.Hang, "duration?", "the next membership update hangs (6h)"},
	{world.Jump, "duration", "the clock jumps, and no time passes"},
	{world.Operator, "mood", "how the simulated operator works from now on"},
	{world.Random, "count duration?", "that many faults, drawn from the seed, spread over a time (24h)"},
}

// What lab do does, as an operator would.
var doForms = []form{
	{world.Take, "server image", "take ownership in the window of a package server"},
	{world.Refresh, "server", "have a package server fetch its policy, and wait for it"},
	{world.UpdateMembers, "", "run a membership update, and wait for it"},
	{world.Assign, "image assignment", "change the assignment in the console"},
	{world.ClearCopy, "server image", "remove the files of a copy by hand"},
	{world.PutFiles, "server image", "put the right files of an image into its folder by hand"},
	{world.CopyFiles, "image location", "copy the folder of an image to another location"},
	{world.SetLocation, "image location", "change the location of an image on the SMP"},
	{world.Convert, "image", "convert a legacy image to the managed format"},
	{world.ChangeProfile, "preboot smp", "change the connection profile of a preboot configuration"},
	{world.Rebuild, "preboot", "rebuild a preboot configuration"},
	{world.Retire, "server", "remove the package service role of a server, with its package folders"},
}

// kindWords is how the kinds of words look in a usage line.
var kindWords = map[string]string{
	"server": "SERVER", "image": "IMAGE", "preboot": "PREBOOT", "assignment": "all|SERVER...|site:NAME...", "location": `\\HOST\SHARE\FOLDER`,
	"smp": "SMP", "request": "REQUEST", "duration": "DURATION", "mood": strings.Join(world.Moods(), "|"), "count": "N",
}

// requestWords are the requests that can be made to fail, with the plan's words for them.
var requestWords = []struct {
	verb  world.Verb
	words []string
}{
	{world.Assign, []string{"assign", "unassign", "set-assignment"}},
	{world.UpdateMembers, []string{"update-membership", "update", "sync"}},
	{world.Refresh, []string{"refresh"}},
	{world.Take, []string{"take-ownership", "take"}},
	{world.SetLocation, []string{"set-location"}},
	{world.Rebuild, []string{"rebuild", "rebuild-preboot"}},
	{world.AskOperator, []string{"ask-operator"}},
	{world.AnyRequest, []string{"any"}},
}

// usage is how a form is written: "SERVER empty IMAGE", "jump DURATION".
func (f *form) usage() string {
	var words []string
	for kind := range strings.FieldsSeq(f.args) {
		name, optional := strings.CutSuffix(kind, "?")
		word := kindWords[name]
		if optional {
			word = "[" + word + "]"
		}
		words = append(words, word)
	}
	if f.serverFirst() {
		return strings.Join(append([]string{words[0], string(f.verb)}, words[1:]...), " ")
	}
	return strings.Join(append([]string{string(f.verb)}, words...), " ")
}

// serverFirst: faults of one server are said as "PS009 off".
func (f *form) serverFirst() bool {
	for i := range breakForms {
		if breakForms[i].verb == f.verb {
			return strings.HasPrefix(f.args, "server")
		}
	}
	return false
}

func help(forms []form) string {
	var b strings.Builder
	for i := range forms {
		fmt.Fprintf(&b, "  %-42s %s\n", forms[i].usage(), forms[i].help)
	}
	return b.String()
}

// BreakHelp lists the faults.
func BreakHelp() string {
	var requests []string
	for _, r := range requestWords {
		requests = append(requests, r.words[0])
	}
	return help(breakForms) +
		"\n  REQUEST is one of: " + strings.Join(requests, ", ") + ".\n" +
		"  DURATION is written as 90s, 20m, 3h or 8d.\n" +
		"  \"in DURATION\" before any of them has it happen later: in 2h PS009 off.\n"
}

// DoHelp lists what an operator can do.
func DoHelp() string { return help(doForms) }
