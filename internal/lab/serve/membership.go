package serve

import (
	"pslan/internal/estate"
	"pslan/internal/lab/world"
)

// Filters and targets. The lab knows one of all package servers; updating it is the
// membership update.
func collections() *service {
	return &service{
		name: "CollectionManagementService", path: "ASDK.NS/CollectionManagementService.asmx", library: "NS",
		namespace: "http://Altiris.ASDK.NS.com", suffix: "X", // I
		methods: []method{
			{name: "UpdateCollections", params: fields("collectionItemGuids"), result: void, changes: true, run: updateCollections},
			{name: "GetCollectionMembership", params: fields("collectionItemGuid:guid"), result: guids,
				run: func(c *call) (any, error) { return members(c, "collectionItemGuid") }},
		},
	}
}

// updateCollections updates those named; all, if none is (D: null means all. What
// an empty string means is not known: here it is a mistake).
func updateCollections(c *call) (any, error) {
	if c.null("collectionItemGuids") {
		return nil, c.updateMembership()
	}
	return nil, c.updateTargets("collectionItemGuids")
}

func (c *call) updateTargets(param string) error {
	list, err := c.guids(param)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return invalid(param, "it is empty")
	}
	for _, g := range list {
		if g != must(PackageServersTarget) {
			return missing(param, g.String())
		}
	}
	return c.updateMembership()
}

func members(c *call, param string) (any, error) {
	g, err := c.guid(param)
	if err != nil {
		return nil, err
	}
	if g != must(PackageServersTarget) {
		return nil, missing(param, g.String())
	}
	list := []estate.GUID{}
	err = c.server.lab.Inspect(c.ctx, "read a target", func(w *world.World) error {
		for i := range w.Servers {
			if !w.Servers[i].Retired {
				list = append(list, c.server.ids.computers[i])
			}
		}
		return nil
	})
	return list, err
}

func scoping() *service {
	policy := fields("policyItemGuid:guid")
	return &service{
		name: "ScopingManagementService", path: "ASDK.NS/ScopingManagementService.asmx", library: "NS",
		namespace: "http://Altiris.ASDK.NS.com", suffix: "X", // I
		methods: []method{
			{name: "InvalidateTargetMembership", params: fields("targetGuid:guid invalidateDependencies:bool"), result: void, changes: true,
				run: func(c *call) (any, error) { return nil, c.updateTargets("targetGuid") }},
			{name: "GetResourceTargetMembership", params: fields("resourceTargetGuid:guid"), result: guids,
				run: func(c *call) (any, error) { return members(c, "resourceTargetGuid") }},
			{name: "GetResourceTargets", params: policy, result: guids, run: targets},
		},
	}
}

func targets(c *call) (any, error) {
	g, err := c.guid("policyItemGuid")
	switch {
	case err != nil:
		return nil, err
	case g == must(PackageServerPolicy):
		return []estate.GUID{must(PackageServersTarget)}, nil
	}
	return nil, missing("policyItemGuid", g.String())
}
