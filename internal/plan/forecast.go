package plan

import (
	"slices"

	"pslan/internal/estate"
)

// forecast sums up what the plan does to disks and links. Copies that go still
// take room while others come: the peak is what is there now and all that comes.
func (b *builder) forecast() Forecast {
	var f Forecast
	servers := map[estate.ServerID]*ServerForecast{}
	of := func(id estate.ServerID) *ServerForecast {
		if servers[id] == nil {
			servers[id] = &ServerForecast{Name: b.e.ServerName(id)}
		}
		return servers[id]
	}
	busiest := map[estate.ServerID]int64{}
	for i := range b.moves {
		m := &b.moves[i]
		if m.whole {
			continue
		}
		b.forecastMove(&f, m, of, busiest)
	}
	for _, id := range b.Resolved.RetiredServers() {
		if b.serverCodes(id) == nil {
			of(id) // nothing stays there
		}
	}
	b.presentCopies(servers)
	for id := range servers {
		f.Servers = append(f.Servers, *servers[id])
		f.Seconds = max(f.Seconds, b.seconds(busiest[id]))
	}
	slices.SortFunc(f.Servers, func(x, y ServerForecast) int { return compareFold(x.Name, y.Name) })
	return f
}

func (b *builder) forecastMove(f *Forecast, m *moving, of func(estate.ServerID) *ServerForecast, busiest map[estate.ServerID]int64) {
	for _, id := range m.Creates {
		s := of(id)
		if m.Judged.Class(id) == estate.Good {
			continue // saved, not downloaded
		}
		need := b.missing(m.delta, id)
		f.Downloads++
		f.Bytes += need
		busiest[id] += need
		busiest[b.source(m, id)] += need
		if !m.Judged.Class(id).HasFiles() {
			s.CopiesAfter++
		}
		s.BytesPeak += need
		s.BytesAfter += need
	}
	if !m.shrunk {
		return
	}
	for _, id := range m.delta.Deletes {
		s := of(id)
		if c := m.delta.Image.Copy(id); c != nil && c.Evidence.Files > 0 {
			s.CopiesAfter--
			s.BytesAfter -= c.Evidence.Bytes
		}
	}
}

// presentCopies adds what lies on the servers now to the differences so far.
func (b *builder) presentCopies(servers map[estate.ServerID]*ServerForecast) {
	for n := range b.e.Images {
		copies := b.e.Images[n].Copies
		for i := range copies {
			c := &copies[i]
			s := servers[c.Server]
			if s == nil || c.Evidence.Files <= 0 {
				continue
			}
			s.CopiesNow++
			s.BytesNow += c.Evidence.Bytes
		}
	}
	for id, s := range servers {
		gone := b.Resolved.Retired(id) && b.serverCodes(id) == nil
		incoming := s.BytesPeak
		s.BytesPeak += s.BytesNow
		s.CopiesAfter += s.CopiesNow
		s.BytesAfter += s.BytesNow
		if gone {
			s.CopiesAfter, s.BytesAfter = 0, 0
		}
		s.FreeAtPeak = estate.Unknown
		if free := b.e.Servers[id].FreeBytes; free != estate.Unknown {
			s.FreeAtPeak = free - incoming
		}
	}
}

func compareFold(x, y string) int {
	a, b := estate.Fold(x), estate.Fold(y)
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
