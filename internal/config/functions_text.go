package config

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// addTextFunctions adds those that turn texts into texts or answer about texts.
func addTextFunctions(all map[string]function.Function) {
	all["startswith"] = textTest("prefix", strings.HasPrefix)
	all["endswith"] = textTest("suffix", strings.HasSuffix)
	all["strcontains"] = textTest("substr", strings.Contains)
	all["base64encode"] = textMap(func(s string) (string, error) { return base64.StdEncoding.EncodeToString([]byte(s)), nil })
	all["base64decode"] = textMap(func(s string) (string, error) {
		b, err := base64.StdEncoding.DecodeString(s)
		if err != nil || !utf8.Valid(b) {
			return "", errors.New("the text is no base64 of a UTF-8 text")
		}
		return string(b), nil
	})
	all["urlencode"] = textMap(func(s string) (string, error) { return url.QueryEscape(s), nil })
	all["md5"] = textMap(func(s string) (string, error) { h := md5.Sum([]byte(s)); return hex.EncodeToString(h[:]), nil })
	all["sha1"] = textMap(func(s string) (string, error) { h := sha1.Sum([]byte(s)); return hex.EncodeToString(h[:]), nil })
	all["sha256"] = textMap(func(s string) (string, error) { h := sha256.Sum256([]byte(s)); return hex.EncodeToString(h[:]), nil })
	all["sha512"] = textMap(func(s string) (string, error) { h := sha512.Sum512([]byte(s)); return hex.EncodeToString(h[:]), nil })
	all["base64sha256"] = textMap(func(s string) (string, error) {
		h := sha256.Sum256([]byte(s))
		return base64.StdEncoding.EncodeToString(h[:]), nil
	})
	all["base64sha512"] = textMap(func(s string) (string, error) {
		h := sha512.Sum512([]byte(s))
		return base64.StdEncoding.EncodeToString(h[:]), nil
	})
}

func textTest(second string, test func(s, t string) bool) function.Function {
	return define(cty.Bool, func(args []cty.Value) (cty.Value, error) {
		return cty.BoolVal(test(args[0].AsString(), args[1].AsString())), nil
	}, param("str", cty.String), param(second, cty.String))
}

func textMap(f func(string) (string, error)) function.Function {
	return namedTextMap("str", f)
}

// namedTextMap is textMap with a name for the argument, which errors mention.
func namedTextMap(name string, f func(string) (string, error)) function.Function {
	return define(cty.String, func(args []cty.Value) (cty.Value, error) {
		s, err := f(args[0].AsString())
		if err != nil {
			return cty.NilVal, function.NewArgError(0, err)
		}
		return cty.StringVal(s), nil
	}, param(name, cty.String))
}

// replaceFunc replaces a text, or a pattern where it stands between slashes.
var replaceFunc = define(cty.String, func(args []cty.Value) (cty.Value, error) {
	s, old, with := args[0].AsString(), args[1].AsString(), args[2].AsString()
	if len(old) > 1 && old[0] == '/' && old[len(old)-1] == '/' {
		pattern, err := regexp.Compile(old[1 : len(old)-1])
		if err != nil {
			return cty.NilVal, function.NewArgError(1, err)
		}
		return cty.StringVal(pattern.ReplaceAllString(s, with)), nil
	}
	return cty.StringVal(strings.ReplaceAll(s, old, with)), nil
}, param("str", cty.String), param("substr", cty.String), param("replace", cty.String))

// jsondecodeFunc is the one of the library behind a bound on depth: the library
// recurses.
var jsondecodeFunc = function.New(&function.Spec{
	Params: []function.Parameter{param("str", cty.String)},
	Type: func(args []cty.Value) (cty.Type, error) {
		if args[0].IsKnown() && !args[0].IsNull() {
			text, _ := args[0].Unmark()
			if over := checkDepth(text.AsString()); over != "" {
				return cty.NilType, function.NewArgErrorf(0, "%s", over)
			}
		}
		return stdlib.JSONDecodeFunc.ReturnTypeForValues(args)
	},
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return stdlib.JSONDecode(args[0]) },
})

func checkDepth(text string) string {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return "the nesting is too deep"
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return ""
}
