package estate

// The words of the estate file for the enumerations, in the order of their values.
// The empty word stands for "not told".
var (
	stateWords      = [...]string{"unknown", "online", "offline"}
	kindWords       = [...]string{"image", "pct", "backup"}
	formatWords     = [...]string{"managed", "legacy"}
	assignmentWords = [...]string{"", "all", "servers", "sites", "automatic"}
	managedWords    = [...]string{"", "local", "external"}
)

func (s State) String() string          { return stateWords[s] }
func (k Kind) String() string           { return kindWords[k] }
func (f Format) String() string         { return formatWords[f] }
func (m AssignmentMode) String() string { return assignmentWords[m] }
func (m ManagedBy) String() string      { return managedWords[m] }

func parseWord(words []string, s string) (uint8, bool) {
	for i, w := range words {
		if w == s {
			return uint8(i), true
		}
	}
	return 0, false
}

// ParseState reads the estate file's word for a State.
func ParseState(s string) (State, bool) { v, ok := parseWord(stateWords[:], s); return State(v), ok }

// ParseKind reads the estate file's word for a Kind.
func ParseKind(s string) (Kind, bool) { v, ok := parseWord(kindWords[:], s); return Kind(v), ok }

// ParseFormat reads the estate file's word for a Format.
func ParseFormat(s string) (Format, bool) {
	v, ok := parseWord(formatWords[:], s)
	return Format(v), ok
}

// ParseAssignmentMode reads the estate file's word for an AssignmentMode.
func ParseAssignmentMode(s string) (AssignmentMode, bool) {
	v, ok := parseWord(assignmentWords[:], s)
	return AssignmentMode(v), ok
}

// ParseManagedBy reads the estate file's word for a ManagedBy.
func ParseManagedBy(s string) (ManagedBy, bool) {
	v, ok := parseWord(managedWords[:], s)
	return ManagedBy(v), ok
}
