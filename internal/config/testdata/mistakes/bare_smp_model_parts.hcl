connection "smp" {
  url = "https://smp01.contoso.com"
  rows "package_servers" { csv = "servers.csv" }
  rows "packages" { csv = "packages.csv" }
  packages {
    links     = ["rows"]
    item_page = true
  }
  resource_model {
    pct_type     = "1ab00000-0002-4000-8000-000000000003"
    package_type = "1ab00000-0002-4000-8000-000000000002"
    packages_are = "parents"
  }
  package_servers { domains = ["contoso.com"] }
}
