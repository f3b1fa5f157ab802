connection "smp" {
  url = "https://smp01.contoso.com"
  rows "package_servers" { csv = "servers.csv" }
  rows "images" { csv = "images.csv" }
  owner { sources = ["location", "export"] }
  packages {
    links     = ["rows", "record", "associations"]
    item_page = "yes"
  }
  resource_model {
    image_type     = "1ab00000-0002-4000-8000"
    pct_type       = "00000000-0000-0000-0000-000000000000"
    location_field = "package/location"
    packages_are   = "child"
    image_types    = []
  }
  package_servers {
    guids   = "look up"
    domain  = "CONTOSO"
  }
  dialect "resources" { location = "x" }
}
