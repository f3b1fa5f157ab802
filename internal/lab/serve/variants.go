package serve

// Variants are settings of a dialect, each by itself, that change how answers are
// written and not what they say. Whoever understands the services finds the same
// estate behind each of them, and can change it in the same ways: clients are tested
// against all of them.
func Variants() []string {
	return []string{
		"namespaces.*=urn:elsewhere/", "namespaces.*=http://elsewhere",
		"off.*=get,post", "off.*=soap12", "off.*=soap11", "off.*=get,post,soap12", "off.*=wsdl",
		"overloads.*=plain/X", "overloads.*=plain/2", "overloads.*=reversed", "overloads.*=guid only", "wsdl_overloads=asmx",
		"field_order=random", "nulls=nil", "nulls=random", "empty_fields=absent", "empty_fields=random",
		"guids=braces", "guids=upper", "guids=upper braces",
		"errors=stack", "errors=suppressed", "errors=html", "error_detail=absent", "form_markup=refused",
		"row_element=Table1", "columns=escaped", "time_offset=+02:00", "time_offset=-08:00",
		"return_xml=attributes", "return_xml=wrapped", "return_xml=single", "return_xml_names=prefixed", "return_xml_names=extra",
		"return_xml_header=utf-16", "return_xml_header=bom", "computer_guids=own",
		"missing_fields=Description,ItemAttributes,CommandLines,SoftwareComponent",
	}
}
