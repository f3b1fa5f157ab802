connection "smp" {
  url = "https://smp01.contoso.com"
  rows "package_servers" { csv = "servers.csv" }
  rows "assignments" {
    csv     = "assignments.csv"
    max_age = "1d"
  }
  packages { assignments = "rows" }
}
