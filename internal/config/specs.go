package config

import "github.com/hashicorp/hcl/v2"

// The blocks of the language, and what may stand in them. One table, held against
// both syntaxes.

var topLevel = map[string]*blockSpec{
	"pslan":                 {kind: "pslan"},
	"connection":            {kind: "connection", labels: 1, example: "lab", anyLabel: true},
	"content":               {kind: "content"},
	"variable":              {kind: "variable", labels: 1, example: "new_server"},
	"locals":                {kind: "locals"},
	"package_server":        {kind: "package_server", labels: 1, example: "ps010"},
	"image":                 {kind: "image", labels: 1, example: "win11"},
	"images":                {kind: "images", labels: 1, example: "branch"},
	"pct_package":           {kind: "pct_package", labels: 1, example: "office"},
	"preboot_configuration": {kind: "preboot_configuration", labels: 1, example: "winpe"},
	"policy":                {kind: "policy"},
	"check":                 {kind: "check", labels: 1, example: "two_sites"},
}

func topLevelNames() []string { return sortedNames(topLevel) }

func topLevelSchema() *hcl.BodySchema {
	var blocks []blockSpec
	for _, name := range topLevelNames() {
		blocks = append(blocks, *topLevel[name])
	}
	return schemaOf(nil, blocks)
}

var acknowledgeBlock = blockSpec{kind: "acknowledge", labels: 1, example: "PSL303", anyLabel: true}

var (
	pslanSpec  = &bodySpec{attrs: []string{"required_version"}, blocks: []blockSpec{{kind: "estate", once: true}}}
	estateSpec = &bodySpec{attrs: []string{"smp"}}

	labSpec = &bodySpec{
		attrs: []string{"path", "seed", "operator", "ownership"},
		hints: map[string]string{"host": "A lab is a folder on this machine: path."},
	}
	snapshotSpec = &bodySpec{attrs: []string{"path"}}

	contentSpec = &bodySpec{
		attrs:  []string{"delete_unused_after", "locations", "method", "port", "record", "root", "status_root", "verify"},
		blocks: []blockSpec{{kind: "login", once: true}, {kind: "server", labels: 1, example: "PS010", anyLabel: true}},
		hints: map[string]string{
			"user":           "As whom pslan logs in stands in a block: login { user = … }.",
			"password":       "Secrets do not stand in these files: login { password_file = … }, or the environment variable PSLAN_SMB_PASSWORD.",
			"package_server": "It is called server here, with the name that the platform knows: server \"PS010\" { root = … }.",
		},
	}
	contentServerSpec = &bodySpec{
		attrs: []string{"root"},
		hints: map[string]string{"port": "The port is the same for all servers: it stands in content."},
	}
	loginSpec = &bodySpec{
		attrs: []string{"method", "user", "password_file", "keytab", "credential_cache", "kerberos_config"},
		hints: map[string]string{
			"password": "Secrets do not stand in these files: name a file with password_file, or set PSLAN_SMP_PASSWORD for the SMP, PSLAN_SQL_PASSWORD for its database, PSLAN_SMB_PASSWORD for shares.",
			"username": "It is called user here.",
			"domain":   "The domain stands in user: \"CONTOSO\\\\svc-pslan\" or \"svc-pslan@CONTOSO.COM\".",
		},
	}

	variableSpec = &bodySpec{
		attrs:  []string{"type", "default", "description", "sensitive", "nullable"},
		blocks: []blockSpec{{kind: "validation"}},
	}
	conditionSpec = &bodySpec{attrs: []string{"condition", "error_message"}}
	checkSpec     = &bodySpec{blocks: []blockSpec{{kind: "assert"}}}

	serverSpec = &bodySpec{
		attrs:  []string{"for_each", "host", "sites", "lifecycle", "successors"},
		blocks: []blockSpec{acknowledgeBlock},
		hints: map[string]string{
			"name":  "The name is the platform's; give the host: host.",
			"site":  "A package server may be in several sites: sites = [\"HQ\"].",
			"count": countHint,
		},
	}
	imageSpec = &bodySpec{
		attrs:  []string{"for_each", "name", "guid", "package", "owner", "location", "on_lost", "min_copies", "reference"},
		blocks: []blockSpec{{kind: "assignment", once: true}, acknowledgeBlock},
		hints: map[string]string{
			"count":   countHint,
			"servers": "Servers stand in the assignment block: assignment { servers = […] }.",
			"sites":   "Sites stand in the assignment block: assignment { sites = […] }.",
			"match":   "Only an images block selects by match.",
		},
	}
	groupSpec = &bodySpec{
		attrs:  []string{"for_each", "owner", "on_lost", "min_copies", "reference"},
		blocks: []blockSpec{{kind: "match", once: true}, {kind: "except", once: true}, {kind: "assignment", once: true}, acknowledgeBlock},
		hints: map[string]string{
			"count":    countHint,
			"name":     "An images block selects by match { name = […] }.",
			"location": "A location belongs to one image: declare it in an image block.",
			"servers":  "Servers stand in the assignment block: assignment { servers = […] }.",
			"sites":    "Sites stand in the assignment block: assignment { sites = […] }.",
		},
	}
	assignmentSpec  = &bodySpec{attrs: []string{"servers", "sites", "automatic"}}
	matchSpec       = &bodySpec{attrs: []string{"name", "kind", "package", "owner"}, hints: map[string]string{"guid": "Images are selected by the GUID of their package: package = [\"…\"]."}}
	prebootSpec     = &bodySpec{attrs: []string{"name", "connects_to"}}
	acknowledgeSpec = &bodySpec{attrs: []string{"reason", "expires", "ticket"}}

	policySpec = &bodySpec{
		attrs: []string{
			"min_copies", "max_downloads", "max_downloads_per_server", "bandwidth",
			"hash_max_age", "evidence_max_age", "state_max_age",
		},
		blocks: []blockSpec{
			{kind: "change_limit", once: true}, {kind: "timeouts", once: true},
			{kind: "rule", labels: 1, example: "PSL303", anyLabel: true}, acknowledgeBlock,
		},
	}
	changeLimitSpec = &bodySpec{attrs: []string{"percent", "minimum"}}
	timeoutsSpec    = &bodySpec{attrs: []string{"download", "ownership", "sync", "operator", "room"}}
	ruleSpec        = &bodySpec{attrs: []string{"severity"}}
)

const countHint = "There is no count here; repeat a block with for_each."
