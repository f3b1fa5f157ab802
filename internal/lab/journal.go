package lab

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"pslan/internal/lab/world"
)

const (
	stateName     = "lab.json"
	formatVersion = "1.0"
	// compactAfter is how long a journal grows before the state is written anew.
	compactAfter = 4 << 20
)

// stateFile is lab.json. The generation counts how often it was written; the
// commands since then stand in the journal of that generation.
type stateFile struct {
	FormatVersion string          `json:"format_version"`
	Generation    int64           `json:"generation"`
	Made          bool            `json:"made"` // the folders had been filled then
	World         json.RawMessage `json:"world"`
}

// record is one line of a journal. A command is written before the folders follow
// it, and Done after. Since the world is deterministic, the commands are all there
// is to keep. Made says that the folders of a new lab are filled; Closed that a
// newer lab.json has been, or is being, written.
type record struct {
	Do     *world.Command `json:"do,omitempty"`
	Made   bool           `json:"made,omitempty"`
	Done   bool           `json:"done,omitempty"`
	Closed bool           `json:"closed,omitempty"`
}

const (
	madeLine   = "{\"made\":true}\n"
	doneLine   = "{\"done\":true}\n"
	closedLine = "{\"closed\":true}\n"
)

func journalName(generation int64) string {
	return "journal-" + strconv.FormatInt(generation, 10) + ".jsonl"
}

// journal is where one user of a lab stands in its state.
type journal struct {
	disk       Disk
	generation int64
	offset     int64 // read or written up to here
	made       bool  // the folders were filled
	world      *world.World
	// undone: the folders have not followed the last command, as far as is known.
	undone []world.Change
}

// catchUp brings the state up to what other users did meanwhile. It reads the
// whole state only if there is none yet or a newer one was written.
func (j *journal) catchUp() error {
	if j.world == nil {
		return j.load()
	}
	tail, err := j.disk.ReadFrom(journalName(j.generation), j.offset)
	if errors.Is(err, fs.ErrNotExist) {
		return j.load()
	}
	if err != nil {
		return err
	}
	closed, err := j.replay(tail)
	if err == nil && closed {
		return j.load()
	}
	return err
}

func (j *journal) load() error {
	data, err := j.disk.ReadFrom(stateName, 0)
	if err != nil {
		return err
	}
	var s stateFile
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("%s is damaged: %w", j.disk.Path(stateName), err)
	}
	if major, _, _ := bytes.Cut([]byte(s.FormatVersion), []byte(".")); string(major) != "1" {
		return fmt.Errorf("%s has format version %q; this pslan reads version 1", j.disk.Path(stateName), s.FormatVersion)
	}
	w, err := world.Decode(s.World)
	if err != nil {
		return fmt.Errorf("%s is damaged: %w", j.disk.Path(stateName), err)
	}
	j.world, j.generation, j.offset, j.made, j.undone = w, s.Generation, 0, s.Made, nil
	tail, err := j.disk.ReadFrom(journalName(j.generation), 0)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	_, err = j.replay(tail)
	return err
}

// replay carries out the commands of a journal on the state. What is torn at the
// end was never carried out and is not counted.
func (j *journal) replay(tail []byte) (closed bool, err error) {
	for len(tail) > 0 {
		line, rest, whole := bytes.Cut(tail, []byte("\n"))
		if !whole {
			break
		}
		var r record
		if err := json.Unmarshal(line, &r); err != nil {
			return false, fmt.Errorf("%s is damaged at byte %d: %w", j.disk.Path(journalName(j.generation)), j.offset, err)
		}
		j.offset += int64(len(line)) + 1
		tail = rest
		switch {
		case r.Do != nil:
			_ = j.world.Do(*r.Do) // a command that was refused is refused again
			j.undone = j.world.Changes()
		case r.Made:
			j.made = true
		case r.Done:
			j.undone = nil
		case r.Closed:
			closed = true
		}
	}
	return closed, nil
}

func encodeCommand(c *world.Command) ([]byte, error) {
	line, err := json.Marshal(record{Do: c})
	return append(line, '\n'), err
}

// write appends to the journal.
func (j *journal) write(line []byte) error {
	if err := j.disk.Append(journalName(j.generation), j.offset, line); err != nil {
		return err
	}
	j.offset += int64(len(line))
	return nil
}

// compact writes the state anew and begins an empty journal. The old one says that
// it is closed before lab.json is replaced, so that nobody goes on in it.
func (j *journal) compact() error {
	if err := j.write([]byte(closedLine)); err != nil {
		return err
	}
	old := j.generation
	if err := j.writeState(old+1, true); err != nil {
		return err
	}
	return j.disk.Remove(journalName(old))
}

func (j *journal) writeState(generation int64, made bool) error {
	state, err := j.world.Encode()
	if err != nil {
		return err
	}
	data := fmt.Appendf(nil, `{"format_version":%q,"generation":%d,"made":%t,"world":`, formatVersion, generation, made)
	data = append(append(data, state...), "}\n"...)
	if err := j.disk.Replace(stateName, data); err != nil {
		return err
	}
	j.generation, j.offset = generation, 0
	return j.disk.Append(journalName(generation), 0, nil)
}
