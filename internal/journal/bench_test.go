package journal

import (
	"fmt"
	"os"
	"strconv"
	"testing"

	"pslan/internal/apply"
)

// BenchmarkAppend tells what a record costs with its flush to disk, alone and in groups.
func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{1, 8, 64, 512} {
		b.Run(fmt.Sprintf("group=%d", size), func(b *testing.B) {
			w, err := Create(b.TempDir(), aHeader("r1"))
			if err != nil {
				b.Fatal(err)
			}
			defer w.Abandon()
			records, n := make([]apply.Record, size), 0
			for b.Loop() {
				for i := range records {
					n++
					records[i] = apply.Record{Kind: apply.RecordObserved, Step: "verify_copy:image.a:" + strconv.Itoa(n), At: at(1), Note: "3 files, 12.4 GiB, by hash"}
				}
				if err := w.Append(records...); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

// BenchmarkRead tells what a record costs to read and verify.
func BenchmarkRead(b *testing.B) {
	const records = 10_000
	dir := b.TempDir()
	w, err := Create(dir, aHeader("r1"))
	if err != nil {
		b.Fatal(err)
	}
	group := make([]apply.Record, records)
	for i := range group {
		group[i] = apply.Record{Kind: apply.RecordObserved, Step: "verify_copy:image.a:" + strconv.Itoa(i), At: at(1), Note: "3 files, 12.4 GiB, by hash"}
	}
	if err := w.Append(group...); err != nil {
		b.Fatal(err)
	}
	defer w.Abandon()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(Path(dir, "r1")); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(records*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkNewest finds the newest of a thousand long runs, as every command does.
func BenchmarkNewest(b *testing.B) {
	dir := b.TempDir()
	w, err := Create(dir, aHeader("r1"))
	if err != nil {
		b.Fatal(err)
	}
	for i := range 500 {
		if err := w.Append(apply.Record{Kind: apply.RecordObserved, Step: "verify_copy:image.a:" + strconv.Itoa(i), At: at(1)}); err != nil {
			b.Fatal(err)
		}
	}
	defer w.Abandon()
	text, err := os.ReadFile(Path(dir, "r1"))
	if err != nil {
		b.Fatal(err)
	}
	for i := range 1000 {
		if err := os.WriteFile(Path(dir, "r1-"+strconv.Itoa(i)), text, 0o666); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if s, err := Newest(dir); err != nil || s.Broken != nil {
			b.Fatal(err)
		}
	}
}
