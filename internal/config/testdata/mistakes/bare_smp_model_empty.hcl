connection "smp" {
  url = "https://smp01.contoso.com"
  rows "package_servers" { csv = "servers.csv" }
  resource_model {}
  packages { links = ["associations"] }
  owner { sources = ["export"] }
}
