package serve_test

import (
	"strings"
	"testing"

	"pslan/internal/lab/serve"
)

const itemPage = "/Altiris/NS/ItemAsXml.aspx?ItemGuid="

// TestItemPage: the page writes what the method writes, and says in the console's own
// ways that it may not.
func TestItemPage(t *testing.T) {
	s := start(t, "retire-ps008", nil)
	r := s.do(s.request("GET", strings.ToLower(itemPage[:20])+itemPage[20:]+"{"+win11+"}", "", ""))
	if r.status != 200 || !strings.HasPrefix(r.header.Get("Content-Type"), "text/xml") {
		t.Fatal(r)
	}
	wants(t, r.body, `<item guid="`+win11+`"`, `location="\\PS008\PkgSvrHost$\{`+win11+`}"`, `<owner guid="`+ps008+`"`)
	if method := s.must(items, "ExportItemXmlString", "itemGuid", win11); !strings.Contains(method, "&lt;owner guid=") {
		t.Error(method)
	}
	if r := s.do(s.request("GET", itemPage+"x", "", "")); r.status != 500 {
		t.Error(r)
	}
	journal := s.Journal()
	if last := journal[len(journal)-1]; last.Service != "ItemAsXml.aspx" || last.Arg("ItemGuid") != "x" || last.Status != 500 || last.Changes {
		t.Error(last)
	}
	if r := speaking(t, "retire-ps008", "denied=ItemAsXml.aspx").get(itemPage + win11); r.status != 302 || r.header.Get("Location") != "/Altiris/NS/access_denied.aspx" {
		t.Error(r)
	}
	if r := speaking(t, "retire-ps008", "item_page=off").get(itemPage + win11); r.status != 404 {
		t.Error(r)
	}
	if r := speaking(t, "retire-ps008", "item_page=html type").get(itemPage + win11); !strings.HasPrefix(r.header.Get("Content-Type"), "text/html") {
		t.Error(r)
	}
	wants(t, speaking(t, "retire-ps008", "item_owner=host").get(itemPage+win11).body, "<owner>http://ps008.contoso.com/Altiris/PS</owner>")
	wants(t, speaking(t, "retire-ps008", "item_owner=several").get(itemPage+win11).body, "<owner>"+ps008+","+ps009+"</owner>")
	if r := speaking(t, "retire-ps008", "item_owner=none").get(itemPage + win11); strings.Contains(r.body, "owner") {
		t.Error(r)
	}
}

// TestItemPageInTrouble: what goes wrong with reads goes wrong with the page as well.
func TestItemPageInTrouble(t *testing.T) {
	s := start(t, "retire-ps008", func(o *serve.Options) {
		o.Dialect.Troubles = []serve.Trouble{{Kind: serve.TroubleBusy, Method: "reads", Count: 1}, {Kind: serve.TroubleFail, Method: "ItemAsXml.aspx", Count: 1}}
	})
	for _, want := range []int{503, 500, 200} {
		if r := s.get(itemPage + win11); r.status != want {
			t.Errorf("%d, want %d", r.status, want)
		}
	}
	if j := s.Journal(); j[0].Trouble != serve.TroubleBusy || j[1].Status != 500 || j[2].Status != 200 {
		t.Error(j)
	}
}

func (s *served) get(path string) reply { return s.do(s.request("GET", path, "", "")) }

// TestResourceModel: the resource model in the dialects that nothing public rules out.
func TestResourceModel(t *testing.T) {
	const ns = "http://Altiris.NSWebService.com"
	related := func(s *served, method, of, kind string) string {
		return s.soap(model, ns, method, "<resourceTypeGUID>"+kind+"</resourceTypeGUID><resourceGUID>"+of+"</resourceGUID><associationType>"+serve.ImageToPackage+"</associationType>").body
	}
	ofType := func(s *served) string {
		return s.soap(model, ns, "GetResourcesOfType", "<resourceTypeGUID>"+serve.ImageType+"</resourceTypeGUID>").body
	}
	s := start(t, "retire-ps008", nil)
	wants(t, ofType(s), "<ResourceGUID>"+win11Image+"</ResourceGUID><ResourceName>WIN11-23H2</ResourceName>")
	wants(t, related(s, "GetAssociatedChildResources", win11Image, serve.PackageType), "<ResourceGUID>"+win11+"</ResourceGUID>")
	wants(t, related(s, "GetAssociatedParentResources", win11, serve.ImageType), "<ResourceGUID>"+win11Image+"</ResourceGUID>")
	if got := related(s, "GetAssociatedChildResources", win11Image, serve.ImageType); strings.Contains(got, win11) {
		t.Error("a package is no image", got)
	}
	wants(t, related(speaking(t, "retire-ps008", "associations=parents"), "GetAssociatedParentResources", win11Image, serve.PackageType), win11)
	if got := related(speaking(t, "retire-ps008", "associations=none"), "GetAssociatedChildResources", win11Image, serve.PackageType); strings.Contains(got, win11) {
		t.Error(got)
	}
	if got := related(speaking(t, "retire-ps008", "associations=several"), "GetAssociatedChildResources", win11Image, serve.PackageType); strings.Count(got, "<ResourceGUID>") != 2 {
		t.Error(got)
	}
	wants(t, speaking(t, "retire-ps008", "associations=parents").soap(model, ns, "GetRelationshipsForResourceType",
		"<resourceTypeGUID>"+serve.ImageType+"</resourceTypeGUID><asParent>false</asParent>").body, serve.ImageToPackage)
	for dialect, want := range map[string]string{
		"short": "<Guid>" + win11Image + "</Guid><Name>", "item": "<ItemGuid>" + win11Image + "</ItemGuid><ItemName>", "unknown": "<ResourceKey>" + win11Image + "</ResourceKey><ResourceLabel>",
	} {
		wants(t, ofType(speaking(t, "retire-ps008", "resource_fields="+dialect)), want)
	}
}
