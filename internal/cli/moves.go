package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"

	"pslan/internal/atomicfile"
	"pslan/internal/declared"
	"pslan/internal/diag"
	"pslan/internal/estate"
	"pslan/internal/fileerror"
	"pslan/internal/plan"
)

// movesName is the file of the data folder that remembers which images are on
// their way through a middle server. It is written before the first write of a run,
// so that whatever ends the run, the next plan finishes the move.
const movesName = "moves.json"

// maxMovesBytes bounds what is read: 100,000 moves stay far below it.
const maxMovesBytes = 64 << 20

type movesFile struct {
	FormatVersion string      `json:"format_version"`
	Moves         []movedFile `json:"moves"`
}

type movedFile struct {
	Image  string `json:"image"`
	Middle string `json:"middle"`
	To     string `json:"to"`
}

// readMoves reads what is remembered. A file that cannot be used is a warning: the
// images then rest where they are, and nothing is lost.
func (a *app) readMoves() []declared.UnfinishedMove {
	moves, err := decodeMoves(a.dataPath(movesName))
	if err != nil {
		a.view.Diagnostics(diag.Diagnostics(nil).Warnf(diag.Range{}, "Moves cannot be remembered",
			"%s: %v. Images that were on their way through another server are taken as they are.", movesName, fileerror.Reason(err)))
	}
	return moves
}

func decodeMoves(path string) ([]declared.UnfinishedMove, error) {
	f, err := os.Open(path)
	if fileerror.Missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var file movesFile
	if err := json.NewDecoder(io.LimitReader(f, maxMovesBytes)).Decode(&file); err != nil {
		return nil, fmt.Errorf("it is damaged: %w", err)
	}
	var moves []declared.UnfinishedMove
	for _, m := range file.Moves {
		g, err := estate.ParseGUID(m.Image)
		if err != nil || g.IsZero() || m.Middle == "" || m.To == "" {
			return nil, fmt.Errorf("it is damaged: %q through %q to %q is no move", m.Image, m.Middle, m.To)
		}
		moves = append(moves, declared.UnfinishedMove{Image: g, Middle: m.Middle, To: m.To})
	}
	return moves, nil
}

// writeMoves writes what is to be remembered; nothing removes the file.
func (a *app) writeMoves(moves []declared.UnfinishedMove) error {
	path := a.dataPath(movesName)
	if len(moves) == 0 {
		if err := os.Remove(path); err != nil && !fileerror.Missing(err) {
			return err
		}
		return nil
	}
	file := movesFile{FormatVersion: "1.0"}
	for _, m := range moves {
		file.Moves = append(file.Moves, movedFile{m.Image.String(), m.Middle, m.To})
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", " ")
		return enc.Encode(&file)
	})
}

// movesOf are the moves of a plan that go through a middle server.
func movesOf(p *plan.Plan) []declared.UnfinishedMove {
	first := map[estate.GUID]string{}
	var moves []declared.UnfinishedMove
	for i := range p.Steps {
		s := &p.Steps[i]
		if s.Op != plan.TakeOwnership {
			continue
		}
		if middle, second := first[s.Image]; second {
			moves = append(moves, declared.UnfinishedMove{Image: s.Image, Middle: middle, To: s.Server})
			continue
		}
		first[s.Image] = s.Server
	}
	return moves
}

// mergeMoves adds moves to those that are remembered; the newer word holds.
func mergeMoves(old, more []declared.UnfinishedMove) []declared.UnfinishedMove {
	byImage := make(map[estate.GUID]declared.UnfinishedMove, len(old)+len(more))
	for _, m := range slices.Concat(old, more) {
		byImage[m.Image] = m
	}
	merged := make([]declared.UnfinishedMove, 0, len(byImage))
	for _, m := range byImage {
		merged = append(merged, m)
	}
	slices.SortFunc(merged, func(x, y declared.UnfinishedMove) int { return cmp.Compare(x.Image.String(), y.Image.String()) })
	return merged
}

// stillMoving leaves out what a fresh reading shows at its end.
func stillMoving(moves []declared.UnfinishedMove, e *estate.Estate) []declared.UnfinishedMove {
	ix := estate.NewIndex(e)
	return slices.DeleteFunc(slices.Clone(moves), func(m declared.UnfinishedMove) bool {
		img := ix.ImageByGUID(m.Image)
		return img == nil || img.Owner == ix.Server(m.To)
	})
}
