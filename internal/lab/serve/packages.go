package serve

import (
	"strings"

	"pslan/internal/estate"
	"pslan/internal/lab/world"
)

// Software packages as the software management framework sees them. The names of
// fields and parameters are D; "PackageServerAssigments" is spelled so.
var softwarePackageDetails = &class{"SoftwarePackageDetails", fields("Guid:guid Name Description ItemAttributes SourceType PackageLocation " +
	"PackageDirectory PackageServerAssigments PackageServerAutoAssign PackageServers PackageServerLocation CommandLines SoftwareComponent:guid")}

func softwarePackages() *service {
	p := fields("PackageGuid:guid")
	return &service{
		name: "SoftwarePackageManagementService", path: "ASDK.SMF/SoftwarePackageManagementService.asmx", library: "SMF",
		namespace: "http://Altiris.ASDK.SMF.com", suffix: "X", // N: both are guesses
		methods: []method{
			{name: "GetPackage", params: fields("packageGuid:guid"), result: one(softwarePackageDetails), run: getPackage},
			{name: "SetPackageServerSettings", params: fields("PackageGuid:guid AssignmentType:int AutomaticSiteAssignment PackageServers PackageServerLocation"),
				result: one(softwarePackageDetails), changes: true, run: setPackageServerSettings},
			{name: "SetPackageSource", params: fields("PackageGuid:guid PackageSourceType:int PackageLocation PackageFolder IgnoreAttributes:bool"),
				result: boolean, changes: true, run: setPackageSource},
			{name: "UpdateDistributionPoints", params: p, result: boolean, twins: onlyString, changes: true,
				run: func(c *call) (any, error) { return updatePoints(c, "PackageGuid") }},
		},
	}
}

// isPackage says what these services say to the package of an image: the dialect
// decides (N: whether they take image packages at all). "" is yes.
func (c *call) isPackage() (answer string, err error) {
	switch d := c.server.dialect.ImagePackages; d {
	case "invalid type":
		return "", unlike("PackageGuid", "SoftwarePackage")
	default:
		return d, nil
	}
}

// withPackage shows the image with a package; false if there is none.
func (c *call) withPackage(g estate.GUID, f func(w *world.World, img *world.Image)) (bool, error) {
	found := false
	err := c.server.lab.Inspect(c.ctx, "read a package", func(w *world.World) error {
		if i := w.ImageNumber(g); i >= 0 && w.Images[i].Package == g {
			found = true
			f(w, &w.Images[i])
		}
		return nil
	})
	return found, err
}

func getPackage(c *call) (any, error) {
	g, err := c.guid("packageGuid")
	if err != nil {
		return nil, err
	}
	way, err := c.isPackage()
	if err != nil {
		return nil, err
	}
	if way == "empty" {
		return emptyPackage(), nil
	}
	return c.packageDetails(g)
}

// emptyPackage is what an unknown GUID gives (D: not an error).
func emptyPackage() record { return softwarePackageDetails.set(map[string]any{"Guid": estate.GUID{}}) }

func (c *call) packageDetails(g estate.GUID) (any, error) {
	out := emptyPackage()
	_, err := c.withPackage(g, func(w *world.World, img *world.Image) {
		mode, auto := "", "False"
		var members []estate.GUID
		switch a := &img.Assignment; a.Mode {
		case estate.AssignAll:
			mode = "ALL"
		case estate.AssignServers:
			mode, members = "INDIVIDUALLY", c.serverGUIDs(w, a)
		case estate.AssignSites, estate.AssignAutomatic:
			mode, members = "SITE", c.siteGUIDs(a)
			if a.Mode == estate.AssignAutomatic {
				auto = "True"
			}
		}
		out = softwarePackageDetails.set(map[string]any{
			"Guid": g, "Name": img.Name, "Description": "", "ItemAttributes": "Normal", "SourceType": "Unc", "PackageLocation": img.Location,
			"PackageDirectory": "", "PackageServerAssigments": mode, "PackageServerAutoAssign": auto, "PackageServers": c.server.guidList(members),
			"PackageServerLocation": img.ServerFolder, "CommandLines": "", "SoftwareComponent": estate.GUID{},
		})
	})
	return out, err
}

// serverGUIDs are the members of an assignment that are still package servers.
func (c *call) serverGUIDs(w *world.World, a *world.Assignment) []estate.GUID {
	var out []estate.GUID
	for _, s := range a.Servers {
		if !w.Servers[s].Retired {
			out = append(out, c.server.ids.servers[s])
		}
	}
	return out
}

func (c *call) siteGUIDs(a *world.Assignment) []estate.GUID {
	var out []estate.GUID
	for _, site := range a.Sites {
		out = append(out, c.server.ids.sites[estate.Fold(site)])
	}
	return out
}

func setPackageServerSettings(c *call) (any, error) {
	g, err := c.guid("PackageGuid")
	if err != nil {
		return nil, err
	}
	members, err := c.guids("PackageServers")
	if err != nil {
		return nil, err
	}
	way, err := c.isPackage()
	if err != nil {
		return nil, err
	}
	switch way {
	case "empty":
		return nil, missing("PackageGuid", g.String())
	case "false":
		return c.packageDetails(g)
	}
	automatic := strings.EqualFold(strings.TrimSpace(c.text("AutomaticSiteAssignment")), "true")
	kind := c.number("AssignmentType")
	switch {
	case kind < 0 || kind > 2:
		return nil, invalid("AssignmentType", "it is 0, 1 or 2")
	case automatic && kind != 2:
		return nil, invalid("AutomaticSiteAssignment", "it is not valid with All and Individual")
	}
	a := world.Assignment{Mode: [...]estate.AssignmentMode{estate.AssignAll, estate.AssignServers, estate.AssignSites}[kind]}
	if automatic {
		a.Mode = estate.AssignAutomatic
	}
	folder := c.text("PackageServerLocation")
	if err := c.assign(g, a, members, &folder); err != nil {
		return nil, err
	}
	return c.packageDetails(g)
}

// assign changes the assignment of a package, and where servers keep it unless folder
// is nil. The list is the whole list, not an addition (I).
func (c *call) assign(g estate.GUID, a world.Assignment, members []estate.GUID, folder *string) error {
	for _, m := range members {
		switch a.Mode {
		case estate.AssignServers:
			s := c.server.ids.server(m)
			if s < 0 {
				return missing("PackageServers", m.String())
			}
			a.Servers = append(a.Servers, s)
		case estate.AssignSites, estate.AssignAutomatic:
			site, ok := c.server.ids.names[m]
			if !ok {
				return missing("PackageServers", m.String())
			}
			a.Sites = append(a.Sites, site)
		}
	}
	return c.ask("set assignment", g, func(_ *world.World, cmd *world.Command) {
		cmd.Verb, cmd.Assignment, cmd.Folder = world.Assign, &a, folder
	})
}

// ask has the lab do something with the image of a package.
func (c *call) ask(op string, g estate.GUID, fill func(w *world.World, cmd *world.Command)) error {
	return c.server.lab.Request(c.ctx, op, g.String(), func(w *world.World, cmd *world.Command) error {
		if cmd.Image = w.ImageNumber(g); cmd.Image < 0 || w.Images[cmd.Image].Package != g {
			return absentHere("PackageGuid", g.String())
		}
		fill(w, cmd)
		return nil
	})
}

func setPackageSource(c *call) (any, error) {
	g, err := c.guid("PackageGuid")
	if err != nil {
		return nil, err
	}
	way, err := c.isPackage()
	if err != nil {
		return nil, err
	}
	if kind := c.number("PackageSourceType"); kind != 1 || way == "empty" || way == "false" {
		return false, nil // the lab keeps images on UNC paths only; the reason stands in the log of the SMP
	}
	err = c.ask("set location", g, func(_ *world.World, cmd *world.Command) {
		cmd.Verb, cmd.Text = world.SetLocation, c.text("PackageLocation")
	})
	return c.softly(err)
}

// softly is how methods that return a boolean tell that they did not do it (D: the
// reason stands in the log of the SMP only). Where the answer was lost, there is none.
func (c *call) softly(err error) (any, error) {
	if err != nil && c.server.refusal(err).gone {
		return nil, err
	}
	return err == nil, nil
}

func updatePoints(c *call, param string) (any, error) {
	g, err := c.guid(param)
	if err != nil {
		return nil, err
	}
	way, err := c.isPackage()
	if err != nil {
		return nil, err
	}
	if way == "empty" || way == "false" {
		return false, nil
	}
	return c.softly(c.ask("update distribution points", g, func(_ *world.World, cmd *world.Command) { cmd.Verb = world.UpdatePoints }))
}

// Packages as the older software delivery service sees them (D).
var packageExDetails = &class{"SWDSolnPackageDetails", fields("Guid Name Description Publisher Version Language Location PackageDirectory PackageSourceType " +
	"PackageType SelectedPackageServers ParentFolderGuid AgentDisplayName AgentDisplayDescription AlternateDownloadDestinationLocation Attributes " +
	"EnableVerboseEvents:bool PurgeAfterDurationInMinutes:int")}

func softwareDelivery() *service {
	g := fields("sPackageGuid:guid")
	return &service{
		name: "SWDSolnPackageManagementService", path: "ASDK.NS.SoftwareDelivery/SWDSolnPackageManagementService.asmx", library: "SoftwareDelivery",
		namespace: "http://Altiris.ASDK.NS.SoftwareDelivery.com", // N
		methods: []method{
			{name: "GetPackageExByGuid", params: g, result: one(packageExDetails), twins: onlyString, run: getPackageEx},
			{name: "SetPackageExPackageServerOptions", params: fields("sPackageGuid:guid bAllOrSpecificPackageServers:bool sPackageServerGuids sLocationOnPackageServer"),
				result: boolean, twins: onlyString, changes: true, run: setPackageEx},
			{name: "UpdateDistributionPoints", params: g, result: boolean, twins: onlyString, changes: true,
				run: func(c *call) (any, error) { return updatePoints(c, "sPackageGuid") }},
		},
	}
}

func getPackageEx(c *call) (any, error) {
	g, err := c.guid("sPackageGuid")
	if err != nil {
		return nil, err
	}
	if _, err := c.isPackage(); err != nil {
		return nil, err
	}
	out := packageExDetails.set(map[string]any{"Guid": zeroGUID})
	if way := c.server.dialect.ImagePackages; way == "empty" {
		return out, nil
	}
	_, err = c.withPackage(g, func(w *world.World, img *world.Image) {
		selected := ""
		if img.Assignment.Mode == estate.AssignServers {
			selected = c.server.guidList(c.serverGUIDs(w, &img.Assignment))
		}
		out = packageExDetails.set(map[string]any{
			"Guid": c.server.guidText(g), "Name": img.Name, "Description": "", "Location": img.Location, "PackageSourceType": "Unc", "PackageType": "Package",
			"SelectedPackageServers": selected, "ParentFolderGuid": folderGUID, "Attributes": "Normal",
			"AlternateDownloadDestinationLocation": img.ServerFolder, "EnableVerboseEvents": false, "PurgeAfterDurationInMinutes": 10080,
		})
	})
	return out, err
}

func setPackageEx(c *call) (any, error) {
	g, err := c.guid("sPackageGuid")
	if err != nil {
		return nil, err
	}
	way, err := c.isPackage()
	if err != nil {
		return nil, err
	}
	if way == "empty" || way == "false" {
		return false, nil
	}
	a := world.Assignment{Mode: estate.AssignAll}
	var members []estate.GUID
	if !c.flag("bAllOrSpecificPackageServers") { // with true the list is passed over (I)
		a.Mode = estate.AssignServers
		if members, err = c.guids("sPackageServerGuids"); err != nil {
			return nil, err
		}
	}
	folder := c.text("sLocationOnPackageServer")
	return c.softly(c.assign(g, a, members, &folder))
}
