package config

import (
	"github.com/zclconf/go-cty/cty"

	"pslan/internal/estate"
)

// The types of `current`: what was observed, for check blocks. Numbers and times
// that the platform does not tell are null.
var (
	currentSite = cty.Object(map[string]cty.Type{
		"name": cty.String, "package_servers": cty.List(cty.String),
	})
	currentServer = cty.Object(map[string]cty.Type{
		"name": cty.String, "host": cty.String, "guid": cty.String, "sites": cty.List(cty.String),
		"state": cty.String, "last_seen": cty.String, "free_bytes": cty.Number, "total_bytes": cty.Number,
	})
	currentAssignment = cty.Object(map[string]cty.Type{
		"mode": cty.String, "servers": cty.List(cty.String), "sites": cty.List(cty.String),
	})
	currentCopy = cty.Object(map[string]cty.Type{
		"server": cty.String, "class": cty.String, "status": cty.String, "managed": cty.String,
		"files": cty.Number, "bytes": cty.Number, "delete_after": cty.String,
	})
	currentImage = cty.Object(map[string]cty.Type{
		"name": cty.String, "guid": cty.String, "package": cty.String, "kind": cty.String, "format": cty.String,
		"location": cty.String, "owner": cty.String, "assignment": currentAssignment, "version": cty.Number,
		"copies": cty.List(currentCopy),
	})
	currentType = cty.Object(map[string]cty.Type{
		"sites": cty.List(currentSite), "package_servers": cty.List(currentServer), "images": cty.List(currentImage),
	})
)

// currentValue turns an estate into `current`, only the parts that are needed; the
// others are unknown.
func currentValue(e *estate.Estate, needs map[string]bool) cty.Value {
	current := map[string]cty.Value{}
	for name, t := range currentType.AttributeTypes() {
		current[name] = cty.UnknownVal(t)
	}
	if needs["sites"] {
		current["sites"] = listOf(currentSite, len(e.Sites), func(i int) cty.Value { return siteValue(e, e.Sites[i]) })
	}
	if needs["package_servers"] {
		current["package_servers"] = listOf(currentServer, len(e.Servers), func(i int) cty.Value { return serverValue(&e.Servers[i]) })
	}
	if needs["images"] {
		current["images"] = listOf(currentImage, len(e.Images), func(i int) cty.Value { return imageValue(e, &e.Images[i]) })
	}
	return cty.ObjectVal(current)
}

func listOf(element cty.Type, n int, at func(int) cty.Value) cty.Value {
	if n == 0 {
		return cty.ListValEmpty(element)
	}
	values := make([]cty.Value, n)
	for i := range values {
		values[i] = at(i)
	}
	return cty.ListVal(values)
}

func siteValue(e *estate.Estate, site string) cty.Value {
	var servers []string
	for i := range e.Servers {
		for _, s := range e.Servers[i].Sites {
			if estate.Fold(s) == estate.Fold(site) {
				servers = append(servers, e.Servers[i].Name)
				break
			}
		}
	}
	return cty.ObjectVal(map[string]cty.Value{"name": cty.StringVal(site), "package_servers": textList(servers)})
}

func serverValue(s *estate.PackageServer) cty.Value {
	return cty.ObjectVal(map[string]cty.Value{
		"name": cty.StringVal(s.Name), "host": cty.StringVal(s.Host), "guid": cty.StringVal(s.GUID.String()), "sites": textList(s.Sites),
		"state": cty.StringVal(s.State.String()), "last_seen": timeValue(s.LastSeen),
		"free_bytes": bytesValue(s.FreeBytes), "total_bytes": bytesValue(s.TotalBytes),
	})
}

func imageValue(e *estate.Estate, img *estate.Image) cty.Value {
	named := e.NameAssignment(&img.Assignment)
	judged := e.Judge(img, estate.NoServer)
	version := cty.NullVal(cty.Number)
	if img.Version != 0 {
		version = cty.NumberIntVal(img.Version)
	}
	return cty.ObjectVal(map[string]cty.Value{
		"name": cty.StringVal(img.Name), "guid": cty.StringVal(img.GUID.String()), "package": cty.StringVal(img.Package.String()),
		"kind": cty.StringVal(img.Kind.String()), "format": cty.StringVal(img.Format.String()),
		"location": cty.StringVal(img.Location), "owner": cty.StringVal(e.ServerName(img.Owner)), "version": version,
		"assignment": cty.ObjectVal(map[string]cty.Value{
			"mode": cty.StringVal(named.Mode.String()), "servers": textList(named.Servers), "sites": textList(named.Sites),
		}),
		"copies": listOf(currentCopy, len(img.Copies), func(i int) cty.Value { return copyValue(e, &img.Copies[i], &judged) }),
	})
}

func copyValue(e *estate.Estate, c *estate.Copy, judged *estate.Judgement) cty.Value {
	files, bytes := cty.NullVal(cty.Number), cty.NullVal(cty.Number)
	if c.Evidence.Sight == estate.Seen {
		files, bytes = cty.NumberIntVal(c.Evidence.Files), cty.NumberIntVal(c.Evidence.Bytes)
	}
	return cty.ObjectVal(map[string]cty.Value{
		"server": cty.StringVal(e.ServerName(c.Server)), "class": cty.StringVal(judged.Class(c.Server).String()),
		"status": cty.StringVal(c.Status), "managed": cty.StringVal(c.Managed.String()),
		"files": files, "bytes": bytes, "delete_after": timeValue(c.DeleteAfter),
	})
}

func timeValue(t estate.Time) cty.Value {
	if t.IsZero() {
		return cty.NullVal(cty.String)
	}
	return cty.StringVal(t.String())
}

func bytesValue(n int64) cty.Value {
	if n == estate.Unknown {
		return cty.NullVal(cty.Number)
	}
	return cty.NumberIntVal(n)
}
