package serve

import (
	"strings"

	"pslan/internal/estate"
	"pslan/internal/lab/world"
)

// pushPolicyResult is D for neither: names and words are C.
var pushPolicyResult = &class{"PushPolicyResult", fields("Agent:guid Status")}

func resources() *service {
	return &service{
		name: "ResourceManagementService", path: "ASDK.NS/ResourceManagementService.asmx", library: "NS",
		namespace: "http://Altiris.ASDK.NS.com", suffix: "X", // I
		methods: []method{
			{name: "GetResourceByName", params: fields("name resourceType"), result: guid, run: resourceByName},
			{name: "GetComputerByNameAndDomain", params: fields("name domain"), result: guid, run: computerByName},
			{name: "GetDataClassData", params: fields("dataClass resourceGuid:guid"), result: table, run: dataClass},
			{name: "PushPolicy", params: fields("policy:guid"), result: many(pushPolicyResult), twins: plainGUID, changes: true, run: pushPolicy},
		},
	}
}

func resourceByName(c *call) (any, error) {
	name, kind := estate.Fold(c.text("name")), c.text("resourceType")
	all, err := c.items()
	for i := range all {
		it := &all[i]
		if estate.Fold(it.name) == name && (strings.EqualFold(it.kind, kind) || strings.EqualFold(strings.TrimSuffix(it.kind, "Resource"), kind) ||
			strings.EqualFold(strings.Trim(kind, "{}"), it.typeGUID) && it.typeGUID != "") {
			return it.guid, nil
		}
	}
	return estate.GUID{}, err // empty if not found (D)
}

func computerByName(c *call) (any, error) {
	want, domain := estate.Fold(c.text("name")), estate.Fold(c.text("domain"))
	found := estate.GUID{}
	err := c.server.lab.Inspect(c.ctx, "find a computer", func(w *world.World) error {
		for i := range w.Servers {
			s := &w.Servers[i]
			host, _, _ := strings.Cut(estate.Fold(s.Host), ".")
			_, itsDomain, _ := strings.Cut(estate.Fold(s.Host), ".")
			itsName := want == estate.Fold(s.Name) || want == host || want == estate.Fold(s.Host)
			// A domain may be given as NetBIOS name or as DNS name.
			first, _, _ := strings.Cut(itsDomain, ".")
			if itsName && (domain == "" || itsDomain == "" || domain == itsDomain || domain == first) && found.IsZero() {
				found = c.server.ids.computers[i]
			}
		}
		return nil
	})
	return found, err
}

// dataClass knows one class, AeX AC Identification, with the names of its public
// columns (C).
func dataClass(c *call) (any, error) {
	g, err := c.guid("resourceGuid")
	if err != nil {
		return nil, err
	}
	if !strings.EqualFold(c.text("dataClass"), "AeX AC Identification") {
		return nil, missing("dataClass", c.text("dataClass"))
	}
	t := &rowset{columns: columns("Name fqdn")}
	t.columns = append(t.columns, column{name: "OS Name"})
	err = c.server.lab.Inspect(c.ctx, "read a data class", func(w *world.World) error {
		if s := c.server.ids.computer(g); s >= 0 {
			t.add(w.Servers[s].Name, w.Servers[s].Host, "Microsoft Windows Server")
		}
		return nil
	})
	return t, err
}

// pushPolicy gives the agents their policy over the persistent connection (C). Here
// the policy of the package service has every server refresh that is there.
func pushPolicy(c *call) (any, error) {
	g, err := c.guid("policy")
	if err != nil {
		return nil, err
	}
	out := []record{}
	if g != must(PackageServerPolicy) {
		return out, nil
	}
	type agent struct {
		guid estate.GUID
		name string
		up   bool
	}
	var agents []agent
	err = c.server.lab.Inspect(c.ctx, "list the agents", func(w *world.World) error {
		for i := range w.Servers {
			if s := &w.Servers[i]; !s.Retired {
				agents = append(agents, agent{c.server.ids.computers[i], s.Name, !s.Off})
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, a := range agents {
		status := "NotConnected"
		if a.up {
			if err := c.server.lab.RefreshServer(c.ctx, a.name); err == nil {
				status = "Pushed"
			} else if c.server.refusal(err).gone {
				return nil, err
			} else {
				status = "ActionFailed"
			}
		}
		out = append(out, pushPolicyResult.set(map[string]any{"Agent": a.guid, "Status": status}))
	}
	return out, nil
}
