connection "lab" {}

package_server "ps008" {
  host       = "PS008"
  lifecycle  = "retired"
  successors = [package_server.ps010]
}

package_server "ps009" {
  host      = "PS009"
  lifecycle = "draining"
}

package_server "ps010" {
  host  = "PS010"
  sites = ["HQ"]
}

package_server "ps011" { host = "PS011" }
