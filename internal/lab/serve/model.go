package serve

import (
	"strings"

	"pslan/internal/estate"
	"pslan/internal/lab/world"
)

// ResourceModel: names of methods and parameters are C; the fields of these classes
// are not known (N), and are guesses here.
var (
	resourceInfo   = &class{"ResourceDataInfo", fields("ResourceGUID:guid ResourceName ResourceTypeGUID:guid")}
	resourceData   = &class{"ResourceData", fields("ResourceGUID:guid ResourceName ResourceTypeGUID:guid ResourceTypeName")}
	structureInfo  = &class{"ResourceStructureInfo", fields("ResourceTypeGUID:guid ResourceTypeName")}
	relationStruct = &class{"ResourceRelationshipStructure", fields("RelationshipTypeGUID:guid RelationshipTypeName ParentResourceTypeGUID:guid ChildResourceTypeGUID:guid")}
)

func resourceModel() *service {
	update := func(c *call) (any, error) { return nil, c.updateTargets("targetGuids") }
	related := fields("resourceTypeGUID:guid resourceGUID:guid associationType:guid")
	return &service{
		name: "ResourceModel", path: "nswebservice/ResourceModel.asmx",
		namespace: "http://Altiris.NSWebService.com", soapOnly: true, // N; I
		methods: []method{
			{name: "UpdateResourceTargets", params: fields("targetGuids fullUpdate:bool updateDependencies:bool"), result: void, twins: onlyGUID, changes: true, run: update},
			{name: "UpdateResourceTargetsAsync", params: fields("targetGuids fullUpdate:bool updateDependencies:bool urgent:bool"), result: void, twins: onlyGUID, changes: true, run: update},
			{name: "UpdateResourceTargetMembership", params: fields("targetGuid:guid fullUpdate:bool updateDependencies:bool"), result: void, twins: onlyGUID, changes: true,
				run: func(c *call) (any, error) { return nil, c.updateTargets("targetGuid") }},
			{name: "UpdateResourceTargetsMembership", params: fields("targetGuids:guids fullUpdate:bool updateDependencies:bool"), result: void, twins: onlyGUID, changes: true, run: update},
			{name: "GetResourcesOfType", params: fields("resourceTypeGUID:guid"), result: many(resourceInfo), twins: onlyGUID, run: resourcesOfType},
			{name: "GetResource", params: fields("resourceGUID:guid dataClassTypesToFetchGUID:guids"), result: one(resourceData), twins: onlyGUID, run: getResource},
			{name: "GetResourceStructureList", result: many(structureInfo), twins: onlyGUID, run: structures},
			{name: "GetRelationshipsForResourceType", params: fields("resourceTypeGUID:guid asParent:bool"), result: many(relationStruct), twins: onlyGUID, run: relationships},
			{name: "GetAssociatedChildResources", params: related, result: many(resourceData), twins: onlyGUID,
				run: func(c *call) (any, error) { return c.associated(true) }},
			{name: "GetAssociatedParentResources", params: related, result: many(resourceData), twins: onlyGUID,
				run: func(c *call) (any, error) { return c.associated(false) }},
		},
	}
}

func resourcesOfType(c *call) (any, error) {
	g, err := c.guid("resourceTypeGUID")
	if err != nil {
		return nil, err
	}
	all, err := c.items()
	out := []record{}
	for i := range all {
		if all[i].typeGUID != "" && must(all[i].typeGUID) == g {
			out = append(out, resourceInfo.set(map[string]any{"ResourceGUID": all[i].guid, "ResourceName": all[i].name, "ResourceTypeGUID": g}))
		}
	}
	return out, err
}

func (it *item) data() record {
	values := map[string]any{"ResourceGUID": it.guid, "ResourceName": it.name, "ResourceTypeName": it.kind}
	if it.typeGUID != "" {
		values["ResourceTypeGUID"] = must(it.typeGUID)
	}
	return resourceData.set(values)
}

func getResource(c *call) (any, error) {
	it, err := c.item("resourceGUID")
	if err != nil {
		return nil, err
	}
	return it.data(), nil
}

func structures(*call) (any, error) {
	out := []record{}
	for _, t := range []struct{ guid, name string }{
		{computerType, "Computer"}, {ImageType, "Image Resource"}, {PCTType, "Personality Resource"}, {PackageType, "Package"}, {siteType, "Site"},
	} {
		out = append(out, structureInfo.set(map[string]any{"ResourceTypeGUID": must(t.guid), "ResourceTypeName": t.name}))
	}
	return out, nil
}

// relations are the associations of the lab. "Site Service to Computer" is a name
// that the platform has (D); who is parent and who is child is not known.
var relations = []struct{ guid, name, parent, child string }{
	{ImageToPackage, imageToPackage, ImageType, PackageType},
	{ImageToPackage, imageToPackage, PCTType, PackageType},
	{siteServerAssoc, "Site to Site Server", siteType, computerType},
}

func relationships(c *call) (any, error) {
	g, err := c.guid("resourceTypeGUID")
	if err != nil {
		return nil, err
	}
	out := []record{}
	for _, r := range relations {
		if r.name == imageToPackage && c.server.dialect.Associations == "parents" {
			r.parent, r.child = r.child, r.parent
		}
		if c.flag("asParent") && must(r.parent) == g || !c.flag("asParent") && must(r.child) == g {
			out = append(out, relationStruct.set(map[string]any{"RelationshipTypeGUID": must(r.guid), "RelationshipTypeName": r.name,
				"ParentResourceTypeGUID": must(r.parent), "ChildResourceTypeGUID": must(r.child)}))
		}
	}
	return out, nil
}

const imageToPackage = "Image to Package"

// associated lists the children of a parent, or the parents of a child, that are of a
// type; that this is the meaning of the type is a guess (N).
func (c *call) associated(children bool) (any, error) {
	kind, err := c.guid("associationType")
	if err != nil {
		return nil, err
	}
	like, err := c.guid("resourceTypeGUID")
	if err != nil {
		return nil, err
	}
	it, err := c.item("resourceGUID")
	if err != nil {
		return nil, err
	}
	wanted := map[estate.GUID]bool{}
	err = c.server.lab.Inspect(c.ctx, "read associations", func(w *world.World) error {
		switch {
		case kind == must(ImageToPackage) && it.image >= 0:
			c.packagesOf(w, it, children, wanted)
		case kind == must(siteServerAssoc):
			for i := range w.Servers {
				for _, site := range w.Servers[i].Sites {
					siteGUID, serverGUID := c.server.ids.sites[estate.Fold(site)], c.server.ids.computers[i]
					wanted[serverGUID] = wanted[serverGUID] || children && siteGUID == it.guid && !w.Servers[i].Retired
					wanted[siteGUID] = wanted[siteGUID] || !children && serverGUID == it.guid && !w.Servers[i].Retired
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	all, err := c.items()
	out := []record{}
	for i := range all {
		if wanted[all[i].guid] && (like.IsZero() || all[i].typeGUID != "" && must(all[i].typeGUID) == like) {
			out = append(out, all[i].data())
		}
	}
	return out, err
}

// packagesOf is the association of an image and its package, as the dialect has it.
func (c *call) packagesOf(w *world.World, it *item, children bool, wanted map[estate.GUID]bool) {
	way, img := c.server.dialect.Associations, &w.Images[it.image]
	switch down := way != "parents"; {
	case way == "none":
	case it.isPackage && children != down:
		wanted[img.GUID] = true
	case !it.isPackage && children == down && !img.Package.IsZero():
		wanted[img.Package] = true
		if other := &w.Images[(int(it.image)+1)%len(w.Images)]; way == "several" && !other.Package.IsZero() {
			wanted[other.Package] = true
		}
	}
}

// fieldOf is how the resource model calls a field of its answers: nothing public tells
// (N).
func (d *Dialect) fieldOf(of *class, name string) string {
	if of != resourceInfo && of != resourceData && of != structureInfo {
		return name
	}
	switch d.ResourceFields {
	case "short":
		if of != structureInfo {
			return strings.Replace(strings.TrimPrefix(name, "Resource"), "GUID", "Guid", 1)
		}
	case "item":
		return strings.Replace(strings.Replace(name, "Resource", "Item", 1), "GUID", "Guid", 1)
	case "unknown":
		return strings.NewReplacer("GUID", "Key", "Name", "Label").Replace(name)
	}
	return name
}
