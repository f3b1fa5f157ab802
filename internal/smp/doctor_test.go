package smp_test

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"pslan/internal/lab/serve"
	"pslan/internal/smp"
)

// unzip reads a bundle as one text for each file.
func unzip(t *testing.T, data []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(text)
	}
	return files
}

// TestBundle: no name, host, user or GUID of the estate is in a bundle, in whatever
// dialect and whatever went wrong, and the shape of what the platform said is.
func TestBundle(t *testing.T) {
	for _, dialect := range [][]string{
		nil, {"return_xml=attributes", "guids=upper braces"}, {"errors=stack", "denied=SoftwarePackageManagementService"},
		{"errors=html", "not_installed=SoftwareDelivery"}, {"return_xml_header=utf-16", "return_xml_names=extra"},
	} {
		for _, example := range []string{"legacy-and-pct", "new-smp"} {
			s := serveLab(t, example, dialect, serve.Pace{}, nil)
			d := s.Doctor(t.Context(), smp.DoctorOptions{})
			var b bytes.Buffer
			if err := d.Bundle(&b, "0.1.0", time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)); err != nil {
				t.Fatalf("%v: %v", dialect, err)
			}
			files := unzip(t, b.Bytes())
			e := read(t, s.lab)
			secrets := []string{"contoso", "secret", e.SMP.GUID.String(), "127.0.0.1"}
			for i := range e.Servers {
				secrets = append(secrets, e.Servers[i].Name, e.Servers[i].Host, e.Servers[i].GUID.String())
			}
			for i := range e.Images {
				secrets = append(secrets, e.Images[i].Name, e.Images[i].GUID.String(), e.Images[i].Package.String())
			}
			for i := range e.Preboots {
				secrets = append(secrets, e.Preboots[i].Name, e.Preboots[i].GUID.String())
			}
			for name, text := range files {
				folded := strings.ToLower(text)
				for _, secret := range secrets {
					if secret != "" && strings.Contains(folded, strings.ToLower(secret)) {
						at := strings.Index(folded, strings.ToLower(secret))
						t.Errorf("%v, %s holds %s: …%s…", dialect, name, secret, text[max(0, at-80):min(len(text), at+80)])
					}
				}
			}
			if images := files["deployment-images.xml"]; !strings.Contains(images, "ImageResource") || !strings.Contains(images, "ResourceGuid") || !strings.Contains(images, "00000000-0000-4000-8000-") {
				t.Errorf("%v: the answer has lost its shape:\n%s", dialect, images)
			}
			if !strings.Contains(files["checks.json"], `"verdict": "works"`) || files["service-ItemManagementService.txt"] == "" {
				t.Errorf("%v: checks or services are missing", dialect)
			}
		}
	}
}

// TestDoctorLockedOut: whoever cannot log in is told so once, and not by every call.
func TestDoctorLockedOut(t *testing.T) {
	s := serveLab(t, "retire-ps008", nil, serve.Pace{}, nil)
	s.trouble(t, "*:login-page")
	d := s.Doctor(t.Context(), smp.DoctorOptions{})
	if n := d.Count(smp.Fails); n > 2 {
		for _, c := range d.Checks {
			t.Logf("%+v", c)
		}
		t.Errorf("%d checks fail", n)
	}
	var b bytes.Buffer
	if err := d.Bundle(&b, "0.1.0", time.Time{}); err != nil {
		t.Error(err)
	}
}

// TestDoctorWithoutDescriptions: services that do not describe themselves are no failure,
// as calls go by form.
func TestDoctorWithoutDescriptions(t *testing.T) {
	s := serveLab(t, "retire-ps008", []string{"off.*=wsdl"}, serve.Pace{}, nil)
	d := s.Doctor(t.Context(), smp.DoctorOptions{})
	services := 0
	for _, c := range d.Checks {
		if c.Area == "services" {
			services++
			if c.Verdict != smp.Untried || !strings.Contains(c.Help, "switched off") || !strings.Contains(c.Help, c.Name) {
				t.Errorf("%+v", c)
			}
		}
		if c.Verdict == smp.Fails {
			t.Errorf("%+v", c)
		}
	}
	if services == 0 {
		t.Error("no service was tried")
	}
}

// TestDoctorNamesTheRows: where the deployment service cannot list something, the doctor
// says which rows can.
func TestDoctorNamesTheRows(t *testing.T) {
	s := serveLab(t, "retire-ps008", []string{"unlicensed=DeploymentSolution"}, serve.Pace{}, nil)
	help := map[string]string{}
	for _, c := range s.Doctor(t.Context(), smp.DoctorOptions{}).Checks {
		if c.Verdict == smp.Fails {
			help[c.Name] = c.Help
		}
	}
	for name, rows := range map[string]string{
		"list the images": `rows "images"`, "list the PCT packages": `rows "images"`, "list the preboot configurations": `rows "preboot_configurations"`,
	} {
		if !strings.Contains(help[name], rows) || !strings.Contains(help[name], "licence") {
			t.Errorf("%s: %q", name, help[name])
		}
	}
}
