package config

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"pslan/internal/declared"
	"pslan/internal/estate"
)

// serverBlock is a package_server block with its instances.
type serverBlock struct {
	block     block
	state     state
	value     cty.Value // what package_server.NAME stands for
	ready     bool      // single and byKey are complete
	single    *declared.PackageServer
	byKey     map[string]*declared.PackageServer // with for_each
	instances []serverInstance
}

type serverInstance struct {
	instance
	server *declared.PackageServer
}

// dependsOn are the expressions that the value of a block is made of.
func (b *serverBlock) dependsOn() []hcl.Expression {
	quiet := &decoder{scope: &scope{}}
	c := quiet.open(&b.block, serverSpec)
	var exprs []hcl.Expression
	for _, name := range []string{"for_each", "host", "sites", "lifecycle"} {
		if a := c.attr(name); a != nil {
			exprs = append(exprs, a.expr)
		}
	}
	return exprs
}

// decodeServer reads what others can refer to. Successors and acknowledgements
// follow when all servers are known (finishServers).
func (d *decoder) decodeServer(b *serverBlock) {
	values := map[string]cty.Value{}
	b.byKey = map[string]*declared.PackageServer{}
	b.ready = true
	repeated := false
	d.forInstances(&b.block, serverSpec, func(c *content, in instance) {
		s, value := d.serverInstance(c, in)
		b.instances = append(b.instances, serverInstance{instance: in, server: s})
		switch {
		case in.unknown:
			repeated, b.ready = true, false
		case in.key == nil:
			b.single, b.value = s, value
		default:
			repeated = true
			b.byKey[*in.key], values[*in.key] = s, value
		}
	})
	switch {
	case !b.ready:
		b.value = cty.DynamicVal
	case repeated:
		b.value = cty.ObjectVal(values)
	}
}

func (d *decoder) serverInstance(c *content, in instance) (*declared.PackageServer, cty.Value) {
	s := &declared.PackageServer{
		Address: estate.BlockAddress("package_server", c.of.label(), in.key),
		Range:   c.of.header(),
		In:      c.of.name(),
	}
	host, lifecycle, sites := cty.UnknownVal(cty.String), "active", cty.UnknownVal(cty.List(cty.String))
	if a := d.required(c, "host"); a != nil {
		s.HostRange = a.place()
		if text, ok := d.word(a); ok {
			s.Host, host = text, cty.StringVal(text)
		}
	}
	if a := c.attr("lifecycle"); a != nil {
		if word, ok := d.choice(a, "active", "draining", "retired"); ok {
			lifecycle, s.LifecycleRange = word, a.place()
			s.Lifecycle = map[string]declared.Lifecycle{"draining": declared.Draining, "retired": declared.Retired}[word]
		}
	}
	if a := c.attr("sites"); a == nil {
		sites = cty.ListValEmpty(cty.String)
	} else if names, ok := d.words(a, "site names"); ok {
		s.Sites, s.SitesSet, s.SitesRange = names, true, a.place()
		sites = textList(names)
	}
	return s, cty.ObjectVal(map[string]cty.Value{
		"address": cty.StringVal(string(s.Address)), "host": host, "lifecycle": cty.StringVal(lifecycle), "sites": sites,
	})
}

func textList(texts []string) cty.Value {
	if len(texts) == 0 {
		return cty.ListValEmpty(cty.String)
	}
	values := make([]cty.Value, len(texts))
	for i, t := range texts {
		values[i] = cty.StringVal(t)
	}
	return cty.ListVal(values)
}

// indexServers makes servers known by address and host, and refuses two blocks for
// one host. Blocks are taken in name order, so that the later one is to blame.
func (d *decoder) indexServers() {
	for _, name := range sortedNames(d.servers) {
		for _, in := range d.servers[name].instances {
			s := in.server
			if in.unknown {
				continue
			}
			d.byAddress[s.Address] = s
			if s.Host == "" {
				continue
			}
			if other := d.byHost[estate.Fold(s.Host)]; other != nil {
				d.in = s.In
				d.report(s.HostRange, "Package server declared twice", "%s has the host %q already (%s). One package server has one block.",
					other.Address, other.Host, linePlace(other.HostRange))
				continue
			}
			d.byHost[estate.Fold(s.Host)] = s
		}
	}
	d.in = ""
}

// finishServers reads what may refer to any server, and returns all of them. What
// it tells a second time, sorting drops.
func (d *decoder) finishServers() []declared.PackageServer {
	var all []declared.PackageServer
	for _, name := range sortedNames(d.servers) {
		b := d.servers[name]
		if len(b.instances) == 0 {
			continue // a circle of references
		}
		next := 0
		d.forInstances(&b.block, serverSpec, func(c *content, in instance) {
			s := b.instances[next].server
			next++
			d.finishServer(c, s)
			if !in.unknown {
				all = append(all, *s)
			}
		})
	}
	return all
}

func (d *decoder) finishServer(c *content, s *declared.PackageServer) {
	if successors, ok := d.serverRefs(c.attr("successors")); ok {
		s.Successors = successors
	}
	for i := range s.Successors {
		ref := &s.Successors[i]
		switch other := d.declaredServer(ref); {
		case other != nil && other.Address == s.Address:
			d.report(ref.Range, "Package server is its own successor", "%s cannot take its own images. Name a server that stays.", s.Address)
		default:
			d.notTheSMP(ref, "a successor")
			d.notLeaving(ref, "a successor", true)
		}
	}
	s.Acks = d.acknowledgements(c)
}
