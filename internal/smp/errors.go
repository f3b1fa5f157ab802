package smp

import (
	"context"
	"errors"
	"fmt"

	"pslan/internal/platform"
	"pslan/internal/smp/rows"
	"pslan/internal/smp/wire"
)

// readError is a failed reading as callers of a platform know it. Answers that cannot
// be used (cut off, a page in place of XML, a failure of the server) count as none: a
// restart of IIS looks like that, and the next reading may go well.
func readError(op, object string, err error) error {
	e := &platform.Error{Op: op, Object: object, Kind: platform.KindOther, Err: err}
	var w *wire.Error
	var fault *rows.Fault
	var failed *rows.Failure
	var own *platform.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &own), errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &fault):
		e.Kind, e.Hint = platform.KindBadInput, fault.Hint
	case errors.As(err, &failed):
		e.Kind, e.Hint = failedKind(failed.Kind), failed.Hint
	case errors.As(err, &w):
		e.Hint = capital(w.Hint())
		switch w.Kind {
		case wire.KindUnreachable, wire.KindTimeout, wire.KindServer, wire.KindNotUnderstood:
			e.Kind = platform.KindUnreachable
		default:
			e.Kind = settledKind(w.Kind)
		}
	case errors.Is(err, context.DeadlineExceeded):
		e.Kind = platform.KindUnreachable
	}
	return e
}

// failedKind is what a failed reading of the database is to a caller of a platform.
func failedKind(k rows.FailureKind) platform.Kind {
	switch k {
	case rows.Unreachable:
		return platform.KindUnreachable
	case rows.LoginFailed, rows.Denied:
		return platform.KindDenied
	case rows.NotFound:
		return platform.KindNotFound
	}
	return platform.KindRefused
}

// writeError is a failed request. Only an answer that surely came from the platform's
// own refusal says that nothing was done.
func writeError(op, object string, err error) error {
	if err == nil {
		return nil
	}
	e := &platform.Error{Op: op, Object: object, Kind: platform.KindOther, Err: err}
	var w *wire.Error
	var own *platform.Error
	switch {
	case errors.As(err, &own):
		return err
	case !errors.As(err, &w):
		return e
	case w.MaybeDone || w.Kind == wire.KindUnreachable || w.Kind == wire.KindTimeout:
		// Unreachable without MaybeDone was never sent; looking first costs one reading.
		e.Kind, e.Hint = platform.KindUnreachable, capital(w.Hint())
	default:
		e.Kind, e.Hint = settledKind(w.Kind), capital(w.Hint())
	}
	return e
}

// settledKind is for answers that will be the same next time.
func settledKind(k wire.Kind) platform.Kind {
	switch k {
	case wire.KindLogin, wire.KindRights, wire.KindLicence:
		return platform.KindDenied
	case wire.KindNotInstalled, wire.KindNoMethod:
		return platform.KindUnsupported
	case wire.KindNotFound:
		return platform.KindNotFound
	}
	return platform.KindRefused
}

func capital(s string) string {
	if s == "" {
		return ""
	}
	return string(s[0]&^0x20) + s[1:] + "."
}

// refused is pslan's own no: nothing was sent.
func refused(kind platform.Kind, op, object, hint, format string, args ...any) error {
	return &platform.Error{Op: op, Object: object, Kind: kind, Hint: hint, Err: fmt.Errorf(format, args...)}
}

// kindOf is the kind of a failed call; ok is false for failures of other kinds.
func kindOf(err error) (wire.Kind, bool) {
	var w *wire.Error
	if errors.As(err, &w) {
		return w.Kind, true
	}
	return 0, false
}
