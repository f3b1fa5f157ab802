package tds

// from reads what stands behind FROM: the table, and the clauses that choose and order
// its rows.
func (in *parser) from(q *query) *Problem {
	parts, p := in.path()
	if p != nil {
		return p
	}
	q.from = &source{name: parts[len(parts)-1]}
	if len(parts) > 1 {
		q.from.schema = parts[len(parts)-2]
	}
	in.take("AS")
	if w := in.peek(); w.kind == wordQuoted || w.kind == wordName {
		_, _ = in.name() // an alias; with one table nothing depends on it
	}
	if in.take("WITH") && !in.takeAll([]string{"(", "NOLOCK", ")"}) {
		return in.wrong()
	}
	if in.take("WHERE") {
		for {
			c, p := in.condition()
			if p != nil {
				return p
			}
			q.conditions = append(q.conditions, c)
			if !in.take("AND") {
				break
			}
		}
	}
	if in.take("ORDER") {
		return in.order(q)
	}
	return nil
}

func (in *parser) condition() (condition, *Problem) {
	parts, p := in.path()
	if p != nil {
		return condition{}, p
	}
	c := condition{column: parts[len(parts)-1]}
	if in.take("IS") {
		c.null, c.not = true, in.take("NOT")
		if !in.take("NULL") {
			return c, in.wrong()
		}
		return c, nil
	}
	if c.not = in.take("<>"); !c.not && !in.take("=") {
		return c, in.wrong()
	}
	c.value, p = in.literal()
	return c, p
}

func (in *parser) order(q *query) *Problem {
	if !in.take("BY") {
		return in.wrong()
	}
	for {
		parts, p := in.path()
		if p != nil {
			return p
		}
		k := key{column: parts[len(parts)-1], down: in.take("DESC")}
		if !k.down {
			in.take("ASC")
		}
		q.order = append(q.order, k)
		if !in.take(",") {
			return nil
		}
	}
}
