package estate_test

import (
	"slices"
	"testing"

	"pslan/internal/estate"
)

func TestWordsOfAnAddress(t *testing.T) {
	key := `a ["b"] c`
	tests := []struct {
		address estate.Address
		words   []string
		label   string
		image   bool
	}{
		{"image.win11", []string{"image", "win11"}, "win11", true},
		{estate.BlockAddress("image", "golden", &key), []string{"image", "golden", key}, `golden["a [\"b\"] c"]`, true},
		{estate.UndeclaredImage("WIN7"), []string{"image", "WIN7"}, `["WIN7"]`, true},
		{estate.BlockAddress("images", "branch", nil).Member("X"), []string{"images", "branch", "X"}, `branch["X"]`, true},
		{estate.Address("pct_package.office"), []string{"pct_package", "office"}, "office", true},
		{estate.Address("image.win11").Copy("PS010"), []string{"copy", "win11", "PS010"}, "win11", true},
		{estate.BlockAddress("image", "golden", &key).Copy("PS010"), []string{"copy", "golden", key, "PS010"}, `golden["a [\"b\"] c"]`, true},
		{estate.UndeclaredImage("WIN7").Copy("PS010"), []string{"copy", "WIN7", "PS010"}, `["WIN7"]`, true},
		{"package_server.ps008", []string{"package_server", "ps008"}, "", false},
		{"", []string{""}, "", false},
		{`image.x["torn`, []string{"image", "x"}, `x["torn`, true},
	}
	for _, tt := range tests {
		if want := tt.image && tt.label == `["WIN7"]`; tt.address.Undeclared() != want {
			t.Errorf("%s: undeclared %v", tt.address, !want)
		}
		if got := tt.address.Words(); !slices.Equal(got, tt.words) {
			t.Errorf("%s: words %q, want %q", tt.address, got, tt.words)
		}
		if label, ok := tt.address.ImageLabel(); label != tt.label || ok != tt.image {
			t.Errorf("%s: image label %q %v, want %q %v", tt.address, label, ok, tt.label, tt.image)
		}
	}
}
