package lab_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"pslan/internal/lab"
	"pslan/internal/lab/world"
)

// FuzzParseTask: whatever a program is told, it is a step that is known, or refused.
func FuzzParseTask(f *testing.F) {
	f.Add([]byte(`{"op":"take_ownership","image":"b465f7f2-b1c9-5352-9cfe-8a133c82ba9e","server":"PS009"}`))
	f.Add([]byte("\ufeff" + `{"op":"copy_files","from":"\\\\a\\b","to":"\\\\c\\d","files":["x"],"package":null}`))
	f.Add([]byte(`{"op":1}`))
	l, err := lab.Open(lab.Options{SeedFile: "../../examples/retire-ps008/estate.json", Disk: lab.NewMemory()})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		task, err := lab.ParseTask(data)
		if err != nil {
			return
		}
		if !strings.Contains("take_ownership clear_copy copy_files convert change_profile retire_server refresh update_membership", string(task.Op)) {
			t.Errorf("%q is a step", task.Op)
		}
		_ = l.DoTask(context.Background(), task, len(data)%2 == 0) // it may well be refused
	})
}

// TestTasksOfAnOperator: what each step does.
func TestTasksOfAnOperator(t *testing.T) {
	for name, c := range map[string]struct{ example, step, happens string }{
		"take":    {"retire-ps008", `{"op":"take_ownership","package":"ee7bda07-4d28-5298-a4dc-cb2512299ebd","server":"PS009"}`, "ownership taken"},
		"clear":   {"retire-ps008", `{"op":"clear_copy","image":"b465f7f2-b1c9-5352-9cfe-8a133c82ba9e","server":"PS009"}`, "copy cleared"},
		"refresh": {"retire-ps008", `{"op":"refresh","server":"ps009"}`, "policy refreshed"},
		"update":  {"retire-ps008", `{"op":"update_membership"}`, "membership update ended"},
		"retire":  {"retire-ps008", `{"op":"retire_server","server":"PS010"}`, "role removed"},
		"convert": {"legacy-and-pct", `{"op":"convert","image":"14838b43-df16-5140-872d-75c034456028"}`, "converted"},
		"profile": {"new-smp", `{"op":"change_profile","preboot":"b08a9194-81fb-5467-aa6f-956536e8781e","to":"smp02.contoso.com"}`, "profile changed"},
		"copy":    {"new-smp", `{"op":"copy_files","image":"daa71f9c-3bfc-56a2-a041-54a3684aeadf","to":"\\\\smp02\\x\\y"}`, "files copied"},
	} {
		t.Run(name, func(t *testing.T) {
			task, err := lab.ParseTask([]byte(c.step))
			if err != nil {
				t.Fatal(err)
			}
			for _, later := range []bool{false, true} {
				var happened []string
				l, err := lab.Open(lab.Options{SeedFile: "../../examples/" + c.example + "/estate.json", Disk: lab.NewMemory(),
					Trace: func(h world.Happening) { happened = append(happened, h.What) }})
				if err != nil {
					t.Fatal(err)
				}
				begun := l.Now()
				if err := l.DoTask(t.Context(), task, later); err != nil {
					t.Fatal(err)
				}
				if took := l.Now().Sub(begun); took != 0 {
					t.Errorf("later=%t: it took %s", later, took)
				}
				wait := 3 * time.Minute // refreshes and updates end by themselves
				if later {
					wait = 30 * time.Minute
				}
				if err := l.Advance(wait); err != nil {
					t.Fatal(err)
				}
				if !slices.Contains(happened, c.happens) {
					t.Errorf("later=%t: nothing of %q in %q", later, c.happens, happened)
				}
			}
		})
	}
}
