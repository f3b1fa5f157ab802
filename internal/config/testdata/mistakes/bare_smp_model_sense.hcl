connection "smp" {
  url = "https://smp01.contoso.com"
  rows "package_servers" { csv = "servers.csv" }
  rows "packages" { csv = "packages.csv" }
  rows "images" { csv = "images.csv" }
  owner {
    sources      = ["location", "packages"]
    export_field = "owner"
  }
  packages { links = ["rows"] }
  resource_model {
    image_type  = "1ab00000-0002-4000-8000-000000000001"
    association = "1ab00000-0003-4000-8000-000000000001"
  }
  package_servers {
    guids   = "rows"
    domains = ["contoso.com"]
  }
}
