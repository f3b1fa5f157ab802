package serve

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"pslan/internal/wording"
)

// Dialect is how a platform answers where nothing public tells how, or where
// platforms differ. The zero Dialect is the documented one where there is a
// document, and the likeliest elsewhere.
//
// Maps are by the name of a service; "*" stands for all services that have no entry
// of their own.
type Dialect struct {
	// Namespaces are the target namespaces, with or without a slash at the end.
	Namespaces map[string]string `json:"namespaces,omitempty"`
	// Off are protocols that are switched off: get, post, soap11, soap12, wsdl.
	Off map[string][]string `json:"off,omitempty"`
	// Overloads are how the twins of a method are called: plain/X, plain/2, reversed
	// (plain takes GUIDs), guid only.
	Overloads map[string]string `json:"overloads,omitempty"`
	// WSDLOverloads: "unique" gives every overload an operation of its own name;
	// "asmx" one name to all of a method, told apart by their messages.
	WSDLOverloads string `json:"wsdl_overloads,omitempty"`

	FieldOrder    string   `json:"field_order,omitempty"`    // documented, random
	Nulls         string   `json:"nulls,omitempty"`          // absent, nil, random
	EmptyFields   string   `json:"empty_fields,omitempty"`   // element, absent, random
	MissingFields []string `json:"missing_fields,omitempty"` // names that no answer has
	GUIDs         string   `json:"guids,omitempty"`          // plain, braces, upper, upper braces

	// ComputerGUIDs: package servers and their computers have the same GUID, or each its own.
	ComputerGUIDs string `json:"computer_guids,omitempty"`
	// TaskInstances: the status of a run names it by the GUID that ExecuteTask gave (same),
	// or by another one, and the first is not known as an instance (own).
	TaskInstances string `json:"task_instances,omitempty"`

	// Errors: plain, stack (with type and stack trace), suppressed, html, empty 400.
	Errors string `json:"errors,omitempty"`
	// FormMarkup: a value that looks like markup, in a form or a query, is taken or, as
	// ASP.NET does since .NET 4 unless it is told otherwise, refused.
	FormMarkup string `json:"form_markup,omitempty"`
	// ErrorDetail: the three nodes of the ASDK in a SOAP fault, present or absent.
	ErrorDetail string `json:"error_detail,omitempty"`

	// Logins are the schemes offered, in order: Negotiate, NTLM, Basic. None: nobody
	// needs to log in.
	Logins []string `json:"logins,omitempty"`
	// ChannelBinding of NTLM over TLS: ignored, required.
	ChannelBinding string `json:"channel_binding,omitempty"`
	// Denied are services or methods for which the login has no rights; "*": all.
	Denied []string `json:"denied,omitempty"`
	// Unlicensed and NotInstalled are libraries: SMF, SoftwareDelivery,
	// DeploymentSolution, NS, Task.
	Unlicensed   []string `json:"unlicensed,omitempty"`
	NotInstalled []string `json:"not_installed,omitempty"`

	// ImagePackages is what the software management services say to image packages:
	// yes, invalid type, empty (GetPackage tells nothing, writing is an error), false
	// (they can be read; what writes does nothing and returns false or what was there).
	ImagePackages string `json:"image_packages,omitempty"`

	RowElement string `json:"row_element,omitempty"` // Table, Table1
	// Columns: plain, or escaped: "last seen" for last_seen, which XML writes last_x0020_seen.
	Columns    string `json:"columns,omitempty"`
	TimeOffset string `json:"time_offset,omitempty"` // of all times, as +02:00
	// StatusWords are put in place of the lab's words for the status of a copy.
	StatusWords map[string]string `json:"status_words,omitempty"`

	// ReportLag is, by the name of a report, how old its answer may be: so often it is made anew.
	ReportLag map[string]Span `json:"report_lag,omitempty"`
	// AssignmentRows of the report assignments: right, short (the last member of each list
	// is missing), all (every package is told as assigned to all).
	AssignmentRows string `json:"assignment_rows,omitempty"`

	// ReturnXML: elements, attributes, wrapped (a list in a list), single (one record
	// without a list around it), none (no records at all).
	ReturnXML       string `json:"return_xml,omitempty"`
	ReturnXMLNames  string `json:"return_xml_names,omitempty"`  // documented, prefixed, extra, unknown
	ReturnXMLHeader string `json:"return_xml_header,omitempty"` // none, utf-16, bom

	// ResourceFields are the names of fields in the answers of the resource model: plain
	// (ResourceGUID), short (Guid), item (ItemGuid), unknown (Key).
	ResourceFields string `json:"resource_fields,omitempty"`
	// Associations, from images to packages: children, parents (that is what packages are
	// in them), several (each image has one to another package as well), none.
	Associations string `json:"associations,omitempty"`
	// ItemOwner is how a package's item tells its owner: guid, host, several (another
	// package server as well), none. ItemPage is the page that writes items: xml, html type
	// (it says that it is HTML), off.
	ItemOwner string `json:"item_owner,omitempty"`
	ItemPage  string `json:"item_page,omitempty"`

	// TaskOutput is that of the task that lists packages: whole, cut (off in the middle),
	// shuffled (the columns stand in another order), escaped (once more than XML needs),
	// version (a script of another version wrote it), none (output is not saved).
	TaskOutput string `json:"task_output,omitempty"`
	// ListFaults are what happens to that task, by the name of a package server: never (it
	// does not begin), failed (without a word), com (the agent blocks its COM objects).
	ListFaults map[string]string `json:"list_faults,omitempty"`
	// MissingMethods are names that no service has, as in a build that is older.
	MissingMethods []string `json:"missing_methods,omitempty"`

	Troubles []Trouble `json:"troubles,omitempty"`
}

// choice is a setting with a fixed list of values; the first is what "" means.
type choice struct {
	name   string
	value  *string
	values []string
}

func (d *Dialect) choices() []choice {
	return []choice{
		{"wsdl_overloads", &d.WSDLOverloads, []string{"unique", "asmx"}},
		{"field_order", &d.FieldOrder, []string{"documented", "random"}},
		{"nulls", &d.Nulls, []string{"absent", "nil", "random"}},
		{"empty_fields", &d.EmptyFields, []string{"element", "absent", "random"}},
		{"guids", &d.GUIDs, []string{"plain", "braces", "upper", "upper braces"}},
		{"computer_guids", &d.ComputerGUIDs, []string{"same", "own"}},
		{"task_instances", &d.TaskInstances, []string{"same", "own"}},
		{"errors", &d.Errors, []string{"plain", "stack", "suppressed", "html", "empty 400"}},
		{"form_markup", &d.FormMarkup, []string{"taken", "refused"}},
		{"error_detail", &d.ErrorDetail, []string{"present", "absent"}},
		{"channel_binding", &d.ChannelBinding, []string{"ignored", "required"}},
		{"image_packages", &d.ImagePackages, []string{"yes", "invalid type", "empty", "false"}},
		{"row_element", &d.RowElement, []string{"Table", "Table1"}},
		{"columns", &d.Columns, []string{"plain", "escaped"}},
		{"assignment_rows", &d.AssignmentRows, []string{rowsRight, rowsShort, rowsAll}},
		{"return_xml", &d.ReturnXML, []string{"elements", "attributes", "wrapped", "single", "none"}},
		{"return_xml_names", &d.ReturnXMLNames, []string{"documented", "prefixed", "extra", "unknown"}},
		{"return_xml_header", &d.ReturnXMLHeader, []string{"none", "utf-16", "bom"}},
		{"resource_fields", &d.ResourceFields, []string{"plain", "short", "item", "unknown"}},
		{"associations", &d.Associations, []string{"children", "parents", "several", "none"}},
		{"item_owner", &d.ItemOwner, []string{"guid", "host", "several", "none"}},
		{"item_page", &d.ItemPage, []string{"xml", "html type", "off"}},
		{"task_output", &d.TaskOutput, []string{outputWhole, outputCut, outputShuffled, outputEscaped, outputVersion, outputNone}},
	}
}

var (
	protocols = []string{"get", "post", "soap11", "soap12", "wsdl"}
	schemes   = []string{"Negotiate", "NTLM", "Basic"}
	libraries = []string{"SMF", "SoftwareDelivery", "DeploymentSolution", "NS", "Task"}
	ways      = []string{OverloadsX, OverloadsTwo, OverloadsReversed, OverloadsGUIDOnly}
)

// settle fills in what "" means and refuses what there is not, all of it at once.
func (d *Dialect) settle() (time.Duration, error) {
	var errs []error
	check := func(setting, value string, values []string) {
		if !slices.Contains(values, value) {
			errs = append(errs, fmt.Errorf("%s cannot be %q; it is one of: %s.%s", setting, value, strings.Join(values, ", "), wording.DidYouMean(value, values)))
		}
	}
	for _, c := range d.choices() {
		if *c.value == "" {
			*c.value = c.values[0]
		}
		check(c.name, *c.value, c.values)
	}
	services := append(serviceNames(), "*")
	for _, name := range sortedKeys(d.Namespaces) {
		check("a service in namespaces", name, services)
	}
	for _, name := range sortedKeys(d.Off) {
		check("a service in off", name, services)
		for _, p := range d.Off[name] {
			check("off."+name, p, protocols)
		}
	}
	for _, name := range sortedKeys(d.Overloads) {
		check("a service in overloads", name, services)
		check("overloads."+name, d.Overloads[name], ways)
	}
	for _, scheme := range d.Logins {
		check("logins", scheme, schemes)
	}
	for _, library := range slices.Concat(d.Unlicensed, d.NotInstalled) {
		check("unlicensed and not_installed", library, libraries)
	}
	for _, name := range sortedKeys(d.ListFaults) {
		check("list_faults."+name, d.ListFaults[name], []string{listNever, listFailed, listCOM})
	}
	for i := range d.Troubles {
		errs = append(errs, d.Troubles[i].check())
	}
	errs = append(errs, d.checkLags()...)
	offset := time.Duration(0)
	if d.TimeOffset != "" {
		at, err := time.Parse("-07:00", d.TimeOffset)
		if err != nil {
			errs = append(errs, fmt.Errorf("time_offset cannot be %q; it is written +02:00", d.TimeOffset))
		}
		_, seconds := at.Zone()
		offset = time.Duration(seconds) * time.Second
	}
	return offset, errors.Join(errs...)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// of looks a service up in a map of the dialect.
func of[V any](m map[string]V, service string) V {
	if v, ok := m[service]; ok {
		return v
	}
	return m["*"]
}

const maxDialect = 1 << 20 // bytes of a file

// ParseDialect reads settings: NAME=VALUE, with a dot before the name of a service
// (overloads.ItemManagementService=reversed) and commas between several values; or
// the name of a JSON file, which read returns. Later ones go before earlier ones.
func ParseDialect(settings []string, read func(file string) ([]byte, error)) (Dialect, error) {
	merged := map[string]any{}
	for _, s := range settings {
		name, value, ok := strings.Cut(s, "=")
		if ok {
			put(merged, name, value)
			continue
		}
		data, err := read(s)
		if err != nil {
			return Dialect{}, fmt.Errorf("the dialect %s cannot be read: %w", s, err)
		}
		if len(data) > maxDialect {
			return Dialect{}, fmt.Errorf("the dialect %s is larger than %d bytes", s, maxDialect)
		}
		if _, err := decodeDialect(data); err != nil {
			return Dialect{}, fmt.Errorf("the dialect %s: %w", s, err)
		}
		if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\ufeff")), &merged); err != nil {
			return Dialect{}, fmt.Errorf("the dialect %s: %w", s, err)
		}
	}
	data, err := json.Marshal(merged)
	if err != nil {
		return Dialect{}, err
	}
	d, err := decodeDialect(data)
	if err != nil {
		return d, err
	}
	checked := d
	_, err = checked.settle()
	return d, err
}

func decodeDialect(data []byte) (d Dialect, err error) {
	in := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	in.DisallowUnknownFields()
	if err := in.Decode(&d); err != nil {
		return d, fmt.Errorf("%w; the settings are: %s", err, strings.Join(settingNames(), ", "))
	}
	return d, nil
}

func settingNames() []string {
	full := Dialect{}
	names := []string{"namespaces", "off", "overloads", "missing_fields", "missing_methods", "list_faults", "logins", "denied", "unlicensed", "not_installed", "time_offset", "status_words", "report_lag", "troubles"}
	for _, c := range full.choices() {
		names = append(names, c.name)
	}
	slices.Sort(names)
	return names
}

// put puts a value where its name says; lists are those of the Dialect.
func put(to map[string]any, name, value string) {
	top, key, nested := strings.Cut(name, ".")
	var v any = value
	switch top {
	case "off", "missing_fields", "missing_methods", "logins", "denied", "unlicensed", "not_installed":
		v = strings.Split(value, ",")
	}
	if !nested {
		to[name] = v
		return
	}
	inner, ok := to[top].(map[string]any)
	if !ok {
		inner = map[string]any{}
		to[top] = inner
	}
	inner[key] = v
}
