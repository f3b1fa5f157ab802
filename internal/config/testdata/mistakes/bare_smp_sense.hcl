connection "smp" {
  url = "smp01.contoso.com"
  rows "copies" { table = "dbo.Copies" }
  owner { sources = ["location", "packages"] }
  packages {
    interface = "rows"
    links     = ["rows"]
  }
  membership { wait = "2d" }
}

content {
  method    = "smb"
  root      = "//${server.host}/Packages"
  locations = "/mnt"
}
