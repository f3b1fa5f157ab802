package serve

import (
	"strings"

	"pslan/internal/estate"
	"pslan/internal/lab/world"
)

// Items of the notification server (D).
var itemDetails = &class{"ItemDetails", fields("Guid:guid Name TypeName LongTypeName TypeGuid:guid ParentFolderGuid:guid ParentFolderName Attributes " +
	"Enabled:bool AppliedToResourceTargets IsSchedulableItem:bool ScheduleEnabled:bool ScheduleXml SharedScheduleGuid:guid")}

func items() *service {
	g := fields("itemGuid:guid")
	return &service{
		name: "ItemManagementService", path: "ASDK.NS/ItemManagementService.asmx", library: "NS",
		namespace: "http://Altiris.ASDK.NS.com", suffix: "X", // I
		methods: []method{
			{name: "GetItemByGuid", params: g, result: one(itemDetails), run: getItem},
			{name: "ItemExists", params: g, result: boolean, run: itemExists},
			{name: "GetItemsByName", params: fields("itemName"), result: many(itemDetails), run: itemsByName},
			{name: "GetItemsByType", params: fields("typeName"), result: many(itemDetails), run: itemsByType},
			{name: "GetItemsByNameAndType", params: fields("name type"), result: guids, run: itemsByNameAndType},
			{name: "ExecuteSchedulableItem", params: g, result: void, changes: true, run: executeItem},
			{name: "ExportItemXmlString", params: g, result: text, run: exportItem},
		},
	}
}

// item is anything with a GUID and a name.
type item struct {
	guid      estate.GUID
	name      string
	kind      string // short name of its class
	typeGUID  string
	schedule  bool
	image     int32 // number of the image whose image or package this is, -1
	isPackage bool
}

// items lists all items of the lab, in a fixed order.
func (c *call) items() (out []item, err error) {
	err = c.server.lab.Inspect(c.ctx, "read the items", func(w *world.World) error {
		out = c.server.fixedItems(w)
		for i := range w.Images {
			out = append(out, imageItems(w, int32(i))...)
		}
		return nil
	})
	return out, err
}

// find returns the item with a GUID, nil if there is none.
func (c *call) find(g estate.GUID) (found *item, err error) {
	err = c.server.lab.Inspect(c.ctx, "find an item", func(w *world.World) error {
		list := c.server.fixedItems(w)
		if i := w.ImageNumber(g); i >= 0 {
			list = imageItems(w, i)
		}
		for i := range list {
			if list[i].guid == g {
				found = &list[i]
			}
		}
		return nil
	})
	return found, err
}

// fixedItems are all items but those of images.
func (s *Server) fixedItems(w *world.World) []item {
	out := []item{
		{guid: must(administratorsRole), name: "Symantec Administrators", kind: "SecurityRole", image: -1},
		{guid: must(notificationServer), name: "Notification Server", kind: "NotificationServer", image: -1},
		{guid: must(MembershipSchedule), name: "NS.Delta Resource Membership Update", kind: "DeltaCollectionUpdateSchedule", typeGUID: scheduleTypeGUID, schedule: true, image: -1},
		{guid: must(packageRefresh), name: "Package Refresh", kind: "SharedSchedule", typeGUID: scheduleTypeGUID, schedule: true, image: -1},
		{guid: must(pointsSchedule), name: "NS.Package Distribution Point Update Schedule", kind: "Schedule", typeGUID: scheduleTypeGUID, schedule: true, image: -1},
		{guid: must(PackageServersTarget), name: "All Package Servers", kind: "ResourceTarget", typeGUID: targetTypeGUID, image: -1},
		{guid: must(PackageServerPolicy), name: "Package Service Settings", kind: "Policy", typeGUID: policyTypeGUID, image: -1},
		{guid: must(RefreshTask), name: "pslan: refresh a package server", kind: "ScriptTask", typeGUID: scriptTaskType, image: -1},
		{guid: must(PackageListTask), name: "pslan: list the packages of a package server", kind: "ScriptTask", typeGUID: scriptTaskType, image: -1},
		{guid: s.ids.smp, name: w.SMP.Name, kind: "ComputerResource", typeGUID: computerType, image: -1},
	}
	for _, r := range reportShapes {
		out = append(out, item{guid: must(r.guid), name: "pslan: " + strings.ReplaceAll(r.name, "_", " "), kind: "Report", typeGUID: reportTypeGUID, image: -1})
	}
	for i := range w.Servers {
		out = append(out, item{guid: s.ids.computers[i], name: w.Servers[i].Name, kind: "ComputerResource", typeGUID: computerType, image: -1})
	}
	for _, site := range w.Sites {
		out = append(out, item{guid: s.ids.sites[estate.Fold(site)], name: site, kind: "SiteResource", typeGUID: siteType, image: -1})
	}
	for i := range w.Preboots {
		p := &w.Preboots[i]
		out = append(out, item{guid: s.prebootGUID(p), name: p.Name, kind: "PrebootConfiguration", typeGUID: prebootType, image: -1})
	}
	return out
}

// imageItems are an image and its package.
func imageItems(w *world.World, i int32) []item {
	img := &w.Images[i]
	kind, typeGUID := "ImageResource", ImageType
	if img.Kind == estate.KindPCT {
		kind, typeGUID = "PersonalityResource", PCTType
	}
	out := []item{{guid: img.GUID, name: img.Name, kind: kind, typeGUID: typeGUID, image: i}}
	if !img.Package.IsZero() {
		out = append(out, item{guid: img.Package, name: img.Name, kind: "PackageResource", typeGUID: PackageType, image: i, isPackage: true})
	}
	return out
}

func (it *item) details() record {
	typeGUID := estate.GUID{}
	if it.typeGUID != "" {
		typeGUID = must(it.typeGUID)
	}
	return itemDetails.set(map[string]any{
		"Guid": it.guid, "Name": it.name, "TypeName": it.kind, "LongTypeName": "Altiris.Lab." + it.kind, "TypeGuid": typeGUID,
		"ParentFolderGuid": must(folderGUID), "ParentFolderName": "Lab", "Attributes": "Normal", "Enabled": true, "AppliedToResourceTargets": "",
		"IsSchedulableItem": it.schedule, "ScheduleEnabled": it.schedule, "ScheduleXml": nil, "SharedScheduleGuid": estate.GUID{},
	})
}

func (c *call) item(param string) (*item, error) {
	g, err := c.guid(param)
	if err != nil {
		return nil, err
	}
	it, err := c.find(g)
	if err == nil && it == nil {
		err = missing(param, g.String())
	}
	return it, err
}

func getItem(c *call) (any, error) {
	it, err := c.item("itemGuid")
	if err != nil {
		return nil, err
	}
	return it.details(), nil
}

func itemExists(c *call) (any, error) {
	g, err := c.guid("itemGuid")
	if err != nil {
		return nil, err
	}
	it, err := c.find(g)
	return it != nil, err
}

func itemsByName(c *call) (any, error) {
	return c.chosen(func(it *item) bool { return estate.Fold(it.name) == estate.Fold(c.text("itemName")) })
}

func itemsByType(c *call) (any, error) {
	return c.chosen(func(it *item) bool { return it.kind == c.text("typeName") })
}

func (c *call) chosen(which func(*item) bool) (any, error) {
	all, err := c.items()
	out := []record{}
	for i := range all {
		if which(&all[i]) {
			out = append(out, all[i].details())
		}
	}
	return out, err
}

// itemsByNameAndType knows % for anything; without one the name must be whole (D).
func itemsByNameAndType(c *call) (any, error) {
	name, kind := c.text("name"), c.text("type")
	if c.null("name") && c.null("type") || name == "" && kind == "" {
		return nil, invalid("name", "name and type cannot both be null")
	}
	all, err := c.items()
	var out []estate.GUID
	for i := range all {
		if (name == "" || like(all[i].name, name)) && (kind == "" || like(all[i].kind, kind)) {
			out = append(out, all[i].guid)
		}
	}
	if len(out) == 0 {
		return nil, err // null if there is none (D)
	}
	return out, err
}

// like is SQL's LIKE with % alone, without case.
func like(value, pattern string) bool {
	value = estate.Fold(value)
	parts := strings.Split(estate.Fold(pattern), "%")
	if len(parts) == 1 {
		return value == parts[0]
	}
	last := len(parts) - 1
	if !strings.HasPrefix(value, parts[0]) {
		return false
	}
	value = value[len(parts[0]):]
	for _, part := range parts[1:last] {
		at := strings.Index(value, part)
		if at < 0 {
			return false
		}
		value = value[at+len(part):]
	}
	return strings.HasSuffix(value, parts[last])
}

// executeItem runs the action of a schedule. Only the membership update does
// something here.
func executeItem(c *call) (any, error) {
	it, err := c.item("itemGuid")
	if err != nil {
		return nil, err
	}
	switch {
	case !it.schedule:
		return nil, unlike("itemGuid", "ISchedulable")
	case it.guid == must(MembershipSchedule):
		return nil, c.updateMembership()
	}
	return nil, nil
}

func (c *call) updateMembership() error {
	return c.server.lab.Request(c.ctx, "update membership", "", func(_ *world.World, cmd *world.Command) error {
		cmd.Verb = world.UpdateMembers
		return nil
	})
}

// exportItem writes an item.
func exportItem(c *call) (any, error) {
	it, err := c.item("itemGuid")
	if err != nil {
		return nil, err
	}
	return c.exported(it)
}
