package smp_test

import (
	"testing"

	"pslan/internal/declared"
	"pslan/internal/lab/serve"
	"pslan/internal/platform"
)

// TestMarkupIsRefused: where forms may hold no markup, or are not taken at all, the
// deployment service and tasks are reached by SOAP, also where they do not describe
// themselves and only their namespace is set.
func TestMarkupIsRefused(t *testing.T) {
	for _, dialect := range [][]string{{"form_markup=refused"}, {"form_markup=refused", "off.*=wsdl", "errors=stack"}, {"off.*=wsdl,get,post", "errors=suppressed"}} {
		s := serveLab(t, "legacy-and-pct", dialect, serve.Pace{}, func(settings *declared.SMP) {
			settings.Services = []declared.SMPService{
				{Name: "DSTaskManagementService", Namespace: "http://Altiris.ASDK.DeploymentSolution.com"},
				{Name: "TaskManagementService", Namespace: "http://Altiris.ASDK.Task.com"},
				{Name: "SoftwarePackageManagementService", Namespace: "http://Altiris.ASDK.SMF.com"},
			}
		})
		e := read(t, s)
		sameEstate(t, read(t, s.lab), e)
		if ds := s.Prepare(t.Context(), platform.Needs{Update: true, Refresh: true}); len(ds) > 0 {
			t.Errorf("%v: %v", dialect, texts(ds))
		}
		if err := s.RefreshServer(t.Context(), e.Servers[0].Name); err != nil {
			t.Errorf("%v: %v", dialect, err)
		}
		ways := map[string]bool{}
		for _, c := range s.server.Journal() {
			if c.Service == "DSTaskManagementService" && c.Status == 200 {
				ways[c.Protocol] = true
			}
		}
		if len(ways) != 1 || !ways["soap11"] {
			t.Errorf("%v: by %v", dialect, ways)
		}
	}
}
