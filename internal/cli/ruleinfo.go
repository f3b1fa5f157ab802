package cli

import (
	"pslan/internal/config"
	"pslan/internal/rules"
)

// knownRules tells config which codes there are and how low each may be set.
func knownRules() []config.RuleInfo {
	all := rules.All()
	known := make([]config.RuleInfo, len(all))
	for i, r := range all {
		known[i] = config.RuleInfo{Code: r.Code, Floor: r.Floor}
	}
	return known
}
