package estatefile

import (
	"encoding/binary"

	"pslan/internal/estate"
)

// The forms in which pslan itself writes GUIDs, digests and times, read without
// detour: an estate has millions of them. Every other form goes through package
// estate and package time.

// hexBytes decodes len(to) bytes of hexadecimal digits.
func hexBytes(to, from []byte) bool {
	bad := byte(0)
	from = from[:2*len(to)]
	for i := range to {
		high, low := hexValue[from[2*i]], hexValue[from[2*i+1]]
		to[i] = high<<4 | low
		bad |= high | low
	}
	return bad < 16
}

// plainGUID reads 6d3f0c1e-52a1-4a35-9d6c-0d5be1a0f001.
func plainGUID(b []byte) (g estate.GUID, ok bool) {
	if len(b) != 36 || b[8] != '-' || b[13] != '-' || b[18] != '-' || b[23] != '-' {
		return g, false
	}
	ok = hexBytes(g[0:4], b) && hexBytes(g[4:6], b[9:]) && hexBytes(g[6:8], b[14:]) &&
		hexBytes(g[8:10], b[19:]) && hexBytes(g[10:], b[24:])
	return g, ok
}

// plainDigest reads sha256: and 64 digits.
func plainDigest(b []byte) (d estate.Digest, ok bool) {
	if len(b) != 71 || string(b[:7]) != "sha256:" {
		return d, false
	}
	ok = hexBytes(d[:], b[7:])
	return d, ok
}

// plainTime reads 2026-11-22T10:00:00Z.
func plainTime(b []byte) (estate.Time, bool) {
	if len(b) != 20 || b[4] != '-' || b[7] != '-' || b[10] != 'T' || b[13] != ':' || b[16] != ':' || b[19] != 'Z' {
		return 0, false
	}
	century, ok1 := twoDigits(b)
	years, ok2 := twoDigits(b[2:])
	month, ok3 := twoDigits(b[5:])
	day, ok4 := twoDigits(b[8:])
	hour, ok5 := twoDigits(b[11:])
	minute, ok6 := twoDigits(b[14:])
	second, ok7 := twoDigits(b[17:])
	year := century*100 + years
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6 && ok7) || year < 1678 || year > 2261 ||
		month < 1 || month > 12 || day < 1 || day > daysOf(month, year) || hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	seconds := (daysSince1970(year, month, day)*24+hour)*3600 + minute*60 + second
	return estate.Time(seconds * 1e9), true
}

func twoDigits(b []byte) (int64, bool) {
	pair := binary.BigEndian.Uint16(b)
	high, low := pair>>8-'0', pair&0xff-'0'
	return int64(high*10 + low), high <= 9 && low <= 9
}

func daysOf(month, year int64) int64 {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// daysSince1970 counts days in years that begin in March, so that the leap day is
// the last of its year.
func daysSince1970(year, month, day int64) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	return 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - 1 - 719468
}
