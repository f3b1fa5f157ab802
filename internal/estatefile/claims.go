package estatefile

import "pslan/internal/estate"

// claims reads what each source says of an owner in doubt, since format version 1.2.
func (r *reader) claims() []estate.OwnerClaim {
	if !r.enter('[', "a list of what sources say of the owner") {
		return nil
	}
	var list []estate.OwnerClaim
	for first := true; r.element(first); first = false {
		if !r.enter('{', "an object") {
			continue
		}
		var c estate.OwnerClaim
		for first := true; r.member(first); first = false {
			switch string(r.key) {
			case "source":
				c.Source = r.word()
			case "owner":
				c.Owner = r.word()
			default:
				r.skip(5)
			}
		}
		list = append(list, c)
	}
	return list
}

func (w *writer) claims(list []estate.OwnerClaim) {
	if len(list) == 0 {
		return
	}
	w.key("owner_claims")
	w.raw("[")
	for i := range list {
		if i > 0 {
			w.raw(", ")
		}
		w.raw("{")
		w.more = false
		w.text("source", list[i].Source)
		w.text("owner", list[i].Owner)
		w.raw("}")
	}
	w.raw("]")
	w.more = true
}
