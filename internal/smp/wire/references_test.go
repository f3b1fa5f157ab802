package wire

import "testing"

func TestForbiddenCharacters(t *testing.T) {
	for text, want := range map[string]string{
		"a&#x1;b&#x1B;c&#11;d&#xFFFE;e&#x0;": "a\ufffdb\ufffdc\ufffdd\ufffde\ufffd", "&#x1;": "\ufffd", "&#x1;&#x2;x": "\ufffd\ufffdx",
		"&#x9;&#10;&#xE9;&#x1F600;": "\t\né\U0001F600", "&amp;#x1;": "&#x1;", "&#x00000001;": "\ufffd",
	} {
		n, err := ParseXML("<a>"+text+"</a>", Limits{})
		if err != nil || n.Text != want {
			t.Errorf("%s: %+v, %v; want %q", text, n, err, want)
		}
		if n, err := ParseXML(`<a v="`+text+`"/>`, Limits{}); err != nil || n.Attrs[0].Value != want {
			t.Errorf("%s in an attribute: %+v, %v; want %q", text, n, err, want)
		}
	}
	for _, text := range []string{"&#;", "&#x;", "&#x1", "&#xg;", "&#99999999999;", "&#-1;", "&#x110000;", "\x01", "&#", "&#x1 ;"} {
		if n, err := ParseXML("<a>"+text+"</a>", Limits{}); err == nil {
			t.Errorf("%s is read as %q", text, n.Text)
		}
	}
}
