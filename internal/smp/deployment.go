package smp

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"strings"

	"pslan/internal/declared"
	"pslan/internal/estate"
	"pslan/internal/platform"
	"pslan/internal/smp/wire"
)

// deployment is the service of Deployment Solution: one method that takes XML and
// gives XML inside of XML (D, H DSDetails Properties).
const deploymentService = "DSTaskManagementService"

// errSoft is an answer Success=false: the reason, where there is one, is the
// platform's own text (D).
var errSoft = errors.New("the deployment service says that it did not succeed")

// deploy sends one request. Element order and small letters are those of the vendor's
// samples (D/I).
func (p *Platform) deploy(ctx context.Context, class wire.Class, kind, name, action, item string) (string, error) {
	request := "<DeploymentItem><ItemType>" + kind + "</ItemType><ItemName>" + name + "</ItemName><ItemAction>" + action + "</ItemAction>"
	if item != "" {
		request += "<Item>" + item + "</Item>"
	}
	object := strings.ToLower(name) + " " + action
	node, err := p.services.Call(ctx, wire.Call{Service: deploymentService, Method: "RunDeploymentSolutionTask", Class: class, Object: object,
		Params: []wire.Param{{Name: "xml", Value: request + "</DeploymentItem>"}}})
	if err != nil {
		return "", err
	}
	success := node.Child("Success")
	ok, err := success.Bool()
	if err != nil {
		return "", notUnderstood(deploymentService, "RunDeploymentSolutionTask", object, class, "it does not say whether it succeeded")
	}
	if !ok {
		why, _ := node.Value("ErrorMessage")
		if why = strings.TrimSpace(why); why == "" {
			why = "it gives no reason; see the log of the SMP"
		}
		return "", fmt.Errorf("%w: %s", errSoft, why)
	}
	text, _ := node.Value("ReturnXML")
	return text, nil
}

// errMeaningless: the answer came from the platform itself, so the next one will be like
// it.
var errMeaningless = errors.New("a whole answer that means nothing")

// notUnderstood is an answer that was whole and means nothing.
func notUnderstood(service, method, object string, class wire.Class, what string) error {
	return &wire.Error{Service: service, Method: method, Object: object, Kind: wire.KindNotUnderstood, Message: "the answer cannot be understood: " + what,
		MaybeDone: class == wire.ClassWrite, Err: errMeaningless}
}

func element(name, value string) string {
	var b strings.Builder
	b.WriteString("<" + name + ">")
	_ = xml.EscapeText(&b, []byte(value)) // a strings.Builder takes everything
	b.WriteString("</" + name + ">")
	return b.String()
}

// resource is a kind of record that the deployment service lists.
type resource struct {
	kind    string // as the dialect block is labelled
	itType  string
	name    string
	title   string           // for people
	rows    declared.RowKind // that tell the same
	records shape
}

var (
	images   = resource{"images", "Resources", "Image", "images", declared.RowsImages, imageShape}
	pcts     = resource{"pct_packages", "Resources", "Personality", "PCT packages", declared.RowsImages, pctShape}
	preboots = resource{"preboot_configurations", "Settings", "PrebootConfigurations", "preboot configurations", declared.RowsPreboots, prebootShape}
)

func (r *resource) op() string { return "list the " + r.title }

// unlisted is the error of a list that the service did not give.
func (r *resource) unlisted(err error) error {
	byRows := fmt.Sprintf("Where it cannot list the %s, rows %q do: a file is enough.", r.title, r.rows)
	if errors.Is(err, errSoft) {
		return &platform.Error{Op: r.op(), Kind: platform.KindUnsupported, Err: err,
			Hint: "Look whether Deployment Solution is installed and licensed there, and whether this account may use it. " + byRows}
	}
	err = readError(r.op(), "", err)
	if e := (*platform.Error)(nil); errors.As(err, &e) && (e.Kind == platform.KindDenied || e.Kind == platform.KindUnsupported) {
		e.Hint += " " + byRows
	}
	return err
}

// list reads all records of a kind, or the one of a name (names are not unique: I).
func (p *Platform) list(ctx context.Context, what *resource, name string) ([]record, error) {
	action, item := "getall", ""
	if name != "" {
		action, item = "get", element("Name", name)
	}
	text, err := p.deploy(ctx, wire.ClassSlow, what.itType, what.name, action, item)
	if err != nil {
		return nil, what.unlisted(err)
	}
	found, err := readRecords(text, what.records.mapped(p.dialect(what.kind)))
	if err != nil {
		return nil, &platform.Error{Op: what.op(), Kind: platform.KindBadInput, Err: fmt.Errorf("the answer of the deployment service cannot be understood: %w", err),
			Hint: fmt.Sprintf("The names in this answer are not publicly documented. Say what they are: dialect %q { name = \"…\", guid = \"…\" }; pslan doctor -bundle shows the answer.", what.kind)}
	}
	return found, nil
}

// RebuildPreboot implements platform.Writer: "recreate" (D). True means that the
// request was accepted; that it was done cannot be seen (N).
func (p *Platform) RebuildPreboot(ctx context.Context, preboot estate.GUID) error {
	const op = "rebuild preboot configuration"
	text, err := p.deploy(ctx, wire.ClassWrite, "Settings", "PrebootConfigurations", "recreate", "<Collection>"+element("ItemGuid", preboot.String())+"</Collection>")
	if errors.Is(err, errSoft) {
		return refused(platform.KindRefused, op, preboot.String(), "See the log of the SMP, or rebuild it in the console.", "%w", err)
	}
	if err != nil {
		return writeError(op, preboot.String(), err)
	}
	root, err := wire.ParseXML(text, wire.Limits{})
	if err != nil {
		return nil // accepted: Success is documented, the rest is more than needed
	}
	no := false
	root.Walk(func(n *wire.Node) bool {
		no = no || strings.EqualFold(n.Name, "RecreateStatus") && strings.EqualFold(strings.TrimSpace(n.Text), "false")
		return !no
	})
	if no {
		return refused(platform.KindRefused, op, preboot.String(), "See the log of the SMP, or rebuild it in the console.", "the deployment service answered RecreateStatus False")
	}
	return nil
}
