package config

import (
	"fmt"
	"strings"
	"testing"
)

const benchServers = `connection "lab" {}

package_server "ps" {
  for_each = toset([for n in range(500) : format("PS%03d", n)])
  host     = each.key
}

package_server "main" { host = "MAIN" }
`

// blocksSource is n image blocks with an owner and a list of five servers.
func blocksSource(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "image \"img%06d\" {\n  name  = \"IMG-%06d\"\n  owner = package_server.ps[\"PS%03d\"]\n  assignment {\n    servers = [", i, i, i%500)
		for k := range 5 {
			if k > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "package_server.ps[\"PS%03d\"]", (i+k*7)%500)
		}
		b.WriteString("]\n  }\n}\n\n")
	}
	return b.String()
}

// eachSource is one image block with a for_each over n names.
func eachSource(n int) string {
	var b strings.Builder
	b.WriteString("locals {\n  names = toset([\n")
	for i := range n {
		fmt.Fprintf(&b, "    \"IMG-%06d\",\n", i)
	}
	b.WriteString("  ])\n}\n\nimage \"all\" {\n  for_each = local.names\n  name     = each.key\n  owner    = package_server.main\n  assignment { servers = [package_server.main, \"PS001\", \"PS002\", \"PS003\", \"PS004\"] }\n}\n")
	return b.String()
}

func benchmarkLoad(b *testing.B, source func(int) string) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			dir := writeFolder(b, "base.hcl", benchServers, "images.hcl", source(n))
			b.ReportAllocs()
			for b.Loop() {
				l, diags := Load(Options{Dir: dir})
				if len(diags) > 0 || len(l.Declared.Images) != n {
					b.Fatal(len(l.Declared.Images), diags)
				}
			}
		})
	}
}

func BenchmarkLoadBlocks(b *testing.B) { benchmarkLoad(b, blocksSource) }
func BenchmarkLoadEach(b *testing.B)   { benchmarkLoad(b, eachSource) }

func BenchmarkCut(b *testing.B) {
	src := []byte(blocksSource(10_000))
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		if _, over := cut(src); over != nil {
			b.Fatal(over.what)
		}
	}
}
