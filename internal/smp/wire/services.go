package wire

import "slices"

// service is what is known of a service before it is asked.
type service struct {
	name string
	path string // below the host
	form bool   // carries form POST
	// namespace of its XML; "": N, only its description or a setting tells.
	namespace string
}

// namespaceNS is seen for ReportManagementService (C, AH "SMP - ASDK - Web Service -
// Report With Parameter"), without a slash at its end; that the other services of
// ASDK.NS have the same is I. The namespaces of all other services are N.
const namespaceNS = "http://Altiris.ASDK.NS.com"

// services are the paths of H "Web Service URLs" (D) and, below nswebservice, of W (C).
// Form POST to the ASDK services is C (PoshAltiris posts every call); nswebservice has
// no form POST (I: its WSDLs lack the reply types of form POST).
var services = []service{
	{"CollectionManagementService", "/Altiris/ASDK.NS/CollectionManagementService.asmx", true, namespaceNS},
	{"DSTaskManagementService", "/Altiris/ASDK.DeploymentSolution/DSTaskManagementService.asmx", true, ""},
	{"ItemManagementService", "/Altiris/ASDK.NS/ItemManagementService.asmx", true, namespaceNS},
	{"ItemModel", "/Altiris/nswebservice/ItemModel.asmx", false, ""},
	{"ReportManagementService", "/Altiris/ASDK.NS/ReportManagementService.asmx", true, namespaceNS},
	{"ResourceManagementService", "/Altiris/ASDK.NS/ResourceManagementService.asmx", true, namespaceNS},
	{"ResourceModel", "/Altiris/nswebservice/ResourceModel.asmx", false, ""},
	{"SWDSolnPackageManagementService", "/Altiris/ASDK.NS.SoftwareDelivery/SWDSolnPackageManagementService.asmx", true, ""},
	{"ScopingManagementService", "/Altiris/ASDK.NS/ScopingManagementService.asmx", true, namespaceNS},
	{"SecurityManagementService", "/Altiris/ASDK.NS/SecurityManagementService.asmx", true, namespaceNS},
	{"SoftwarePackageManagementService", "/Altiris/ASDK.SMF/SoftwarePackageManagementService.asmx", true, ""},
	{"TaskManagementService", "/Altiris/ASDK.Task/TaskManagementService.asmx", true, ""},
	{"TaskServerModel", "/Altiris/nswebservice/TaskServerModel.asmx", false, ""},
}

func serviceNamed(name string) (service, bool) {
	i := slices.IndexFunc(services, func(s service) bool { return s.name == name })
	if i < 0 {
		return service{name: name, form: true}, false
	}
	return services[i], true
}

// ServiceNames returns the names of the services that are known, sorted.
func ServiceNames() []string {
	names := make([]string, len(services))
	for i, s := range services {
		names[i] = s.name
	}
	slices.Sort(names)
	return names
}
