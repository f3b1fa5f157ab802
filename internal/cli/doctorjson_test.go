package cli

import (
	"encoding/json"
	"testing"

	"pslan/internal/schematest"
	"pslan/internal/smp"
)

// TestDoctorDocument holds what the doctor writes with -json against its schema: of a
// platform that is well, of one that is not, and of one that does not let him in. The
// exit code says what its counts say.
func TestDoctorDocument(t *testing.T) {
	t.Parallel()
	schema := schematest.Strict(t, "doctor")
	for _, c := range []struct {
		name    string
		dialect []string
		code    int
	}{
		{"well", nil, exitSuccess},
		{"sick", []string{"image_packages=invalid type", "denied=TaskManagementService"}, exitDiffers},
		{"mute", []string{"off.*=get,post,soap11,soap12,wsdl"}, exitDiffers},
	} {
		w := overWire(t, "narrowed-assignment", c.dialect)
		code, out := w.run("doctor", "-json")
		valid(t, schema, []byte(out))
		var d struct {
			Works, Fails, Untried int
			Checks                []smp.Check
		}
		if err := json.Unmarshal([]byte(out), &d); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if code != c.code || (d.Fails > 0) != (code == exitDiffers) || d.Works+d.Fails+d.Untried != len(d.Checks) {
			t.Errorf("%s: it ends with %d, want %d:\n%s", c.name, code, c.code, out)
		}
	}
}
