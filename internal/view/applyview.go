package view

import "pslan/internal/apply"

// Event shows one event.
func (h *human) Event(apply.Event) {}

// ApplyEnd shows the end.
func (h *human) ApplyEnd(ApplyEnd) {}
