package serve

import (
	"strconv"
	"strings"

	"pslan/internal/estate"
	"pslan/internal/lab/world"
)

// The deployment service: one method, which takes XML and returns XML in XML (D).
var deploymentDetails = &class{"DSDetails", fields("Success:bool ErrorMessage ReturnXML")}

func deployment() *service {
	return &service{
		name: "DSTaskManagementService", path: "ASDK.DeploymentSolution/DSTaskManagementService.asmx", library: "DeploymentSolution",
		namespace: "http://Altiris.ASDK.DeploymentSolution.com", // N
		methods: []method{{
			name: "RunDeploymentSolutionTask", params: fields("xml"), result: one(deploymentDetails), twins: onlyString, run: runDeployment,
		}},
	}
}

// request is what the XML asks for.
type deploymentRequest struct {
	kind, name, action string
	item               *node
}

func runDeployment(c *call) (any, error) {
	no := func(why string) (any, error) {
		return deploymentDetails.set(map[string]any{"Success": false, "ErrorMessage": why, "ReturnXML": nil}), nil
	}
	root, err := readTree([]byte(c.text("xml")))
	if err != nil {
		return no(err.Error())
	}
	q, why := readDeployment(root)
	if why != "" {
		return no(why)
	}
	yes := func(xml string) (any, error) {
		return deploymentDetails.set(map[string]any{"Success": true, "ErrorMessage": "", "ReturnXML": xml}), nil
	}
	key := strings.ToLower(q.kind + "/" + q.name + "/" + q.action)
	switch key {
	case "resources/image/getall", "resources/image/get":
		list, err := c.images(q, func(k estate.Kind) bool { return k != estate.KindPCT })
		return c.listed(list, q, err, yes, no)
	case "resources/personality/getall", "resources/personality/get":
		list, err := c.images(q, func(k estate.Kind) bool { return k == estate.KindPCT })
		return c.listed(list, q, err, yes, no)
	case "settings/prebootconfigurations/getall", "settings/prebootconfigurations/get":
		list, err := c.preboots(q)
		return c.listed(list, q, err, yes, no)
	case "settings/prebootconfigurations/recreate":
		if err := c.recreate(q); err != nil {
			if p := c.server.refusal(err); !p.gone {
				return no(p.message)
			}
			return nil, err
		}
		return yes(c.server.returned("RecreateResult", "", []tuple{{{"RecreateStatus", "True"}}}))
	}
	return no("The action " + q.action + " is not supported for " + q.kind + " " + q.name + ".")
}

func readDeployment(root *node) (q deploymentRequest, why string) {
	if !strings.EqualFold(root.name, "DeploymentItem") {
		return q, "The root element is " + root.name + ", not DeploymentItem."
	}
	for _, n := range root.children {
		value := strings.TrimSpace(n.text)
		switch strings.ToLower(n.name) {
		case "itemtype":
			q.kind = value
		case "itemname":
			q.name = value
		case "itemaction":
			q.action = value
		case "item":
			q.item = n
		}
	}
	return q, ""
}

// wanted is the name that "get" asks for, "" for getall.
func (q *deploymentRequest) wanted() string {
	if !strings.EqualFold(q.action, "get") || q.item == nil {
		return ""
	}
	for _, n := range q.item.children {
		if strings.EqualFold(n.name, "Name") {
			return strings.TrimSpace(n.text)
		}
	}
	return ""
}

func (c *call) listed(list []tuple, q deploymentRequest, err error, yes, no func(string) (any, error)) (any, error) {
	if err != nil {
		return nil, err
	}
	if strings.EqualFold(q.action, "get") {
		name := q.wanted()
		if name == "" {
			return no("The name of the item is missing.")
		}
		if len(list) == 0 {
			return no("The item " + name + " was not found.")
		}
		list = list[:1] // one record; names are not unique (I)
	}
	words := map[string][2]string{"image": {"ImageResources", "ImageResource"}, "personality": {"PCTResources", "PCTResource"},
		"prebootconfigurations": {"PrebootConfigurations", "PrebootConfigData"}}[strings.ToLower(q.name)]
	return yes(c.server.returned(words[0], words[1], list))
}

// tuple is one record: names and values in order.
type tuple []struct{ name, value string }

// images are records with the property names of the vendor's helper classes (D).
func (c *call) images(q deploymentRequest, which func(estate.Kind) bool) (list []tuple, err error) {
	want := q.wanted()
	err = c.server.lab.Inspect(c.ctx, "read the images", func(w *world.World) error {
		for i := range w.Images {
			img := &w.Images[i]
			if !which(img.Kind) || want != "" && estate.Fold(want) != estate.Fold(img.Name) {
				continue
			}
			t := tuple{{"Name", img.Name}, {"Description", ""}}
			if img.Kind != estate.KindPCT {
				kind := "0" // disk; 1 is a backup (D for create, N for getall)
				if img.Kind == estate.KindBackup {
					kind = "1"
				}
				t = append(t, tuple{{"ImageTool", "1"}, {"ImageType", kind}, {"OsType", "Windows"},
					{"PartitionSize", strconv.FormatInt(img.Nominal, 10)}, {"UseHttp", "false"}}...)
			}
			list = append(list, append(t, tuple{{"Location", img.Location}, {"ResourceGuid", c.server.guidText(img.GUID)}}...))
		}
		return nil
	})
	return list, err
}

func (c *call) preboots(q deploymentRequest) (list []tuple, err error) {
	want := q.wanted()
	err = c.server.lab.Inspect(c.ctx, "read the preboot configurations", func(w *world.World) error {
		for i := range w.Preboots {
			p := &w.Preboots[i]
			if want != "" && estate.Fold(want) != estate.Fold(p.Name) {
				continue
			}
			list = append(list, tuple{{"Name", p.Name}, {"Description", ""}, {"ItemGuid", c.server.guidText(c.server.prebootGUID(p))},
				{"OSName", "WinPE"}, {"OSArchitecture", "x64"}, {"AutomationType", "1"}, {"OEMExtension", "1"}})
		}
		return nil
	})
	return list, err
}

// prebootGUID is the GUID of a preboot configuration, made from its name where the
// seed gave none.
func (s *Server) prebootGUID(p *world.Preboot) estate.GUID {
	if p.GUID.IsZero() {
		return derived("preboot", estate.Fold(p.Name))
	}
	return p.GUID
}

// recreate asks for preboot configurations to be rebuilt. True means accepted (I).
func (c *call) recreate(q deploymentRequest) error {
	var wanted []estate.GUID
	if q.item != nil {
		for _, collection := range q.item.children {
			for _, n := range collection.children {
				g, err := estate.ParseGUID(strings.TrimSpace(n.text))
				if strings.EqualFold(n.name, "ItemGuid") && err == nil {
					wanted = append(wanted, g)
				}
			}
		}
	}
	if len(wanted) == 0 {
		return invalid("ItemGuid", "there is none")
	}
	for _, g := range wanted {
		err := c.server.lab.Request(c.ctx, "rebuild preboot configuration", g.String(), func(w *world.World, cmd *world.Command) error {
			cmd.Verb = world.Rebuild
			for i := range w.Preboots {
				if c.server.prebootGUID(&w.Preboots[i]) == g {
					cmd.Preboot = int32(i)
					return nil
				}
			}
			return absentHere("ItemGuid", g.String())
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// returned writes ReturnXML in the shape that the dialect has. Nothing public tells
// its elements (N).
func (s *Server) returned(list, item string, records []tuple) string {
	d := &s.dialect
	var b writer
	switch d.ReturnXMLHeader {
	case "utf-16":
		b.WriteString("<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n")
	case "bom":
		b.WriteString("\ufeff")
	}
	if d.ReturnXML == "none" {
		records = nil
	}
	name := func(n string) string {
		switch {
		case d.ReturnXMLNames == "prefixed" && item != "":
			return item + "_" + n
		case d.ReturnXMLNames == "unknown" && strings.HasSuffix(n, "Guid"):
			return "Key"
		}
		return n
	}
	one := func(t tuple) {
		if d.ReturnXMLNames == "extra" {
			t = append(tuple{{"SchemaVersion", "8.0"}}, append(t, tuple{{"Culture", "en-US"}, {"CreatedBy", `CONTOSO\svc`}}...)...)
		}
		if d.ReturnXML == "attributes" {
			var attrs []string
			for _, f := range t {
				attrs = append(attrs, name(f.name), f.value)
			}
			b.empty(item, attrs...)
			return
		}
		b.start(item)
		for _, f := range t {
			b.leaf(name(f.name), f.value)
		}
		b.end(item)
	}
	switch {
	case item == "": // a result without a list
		b.start(list)
		for _, f := range records[:min(1, len(records))] {
			b.leaf(f[0].name, f[0].value)
		}
		b.end(list)
	case d.ReturnXML == "single" && len(records) == 1:
		one(records[0])
	default:
		b.start(list)
		if d.ReturnXML == "wrapped" {
			b.start("Items")
		}
		for _, t := range records {
			one(t)
		}
		if d.ReturnXML == "wrapped" {
			b.end("Items")
		}
		b.end(list)
	}
	return b.String()
}
