connection "smp" {
  url = "https://smp01.contoso.com"
  rows "package_servers" { csv = "servers.csv" }
  owner { sources = ["location", "originator"] }
}
