package rules

import "pslan/internal/finding"

// report takes one finding; Code, Title and Severity are filled in from the rule,
// the policy and the acknowledgements afterwards.
type report func(finding.Finding)
