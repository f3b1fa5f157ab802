image "a" {
  name  = "A"
  owner = package_server.ps008
}

image "b" {
  name  = "B"
  owner = "ps009"
}

image "c" {
  name = "C"
  assignment { servers = [package_server.ps008, package_server.ps009, "PS010"] }
}

package_server "old" {
  host       = "OLD"
  lifecycle  = "retired"
  successors = [package_server.ps009, package_server.old, "PS008"]
}

package_server "again" { host = "ps010" }

image "d" {
  name     = "D"
  owner    = package_server.ps010
  location = "\\\\smp02\\NSCap\\D"
}

image "e" {
  name     = "E"
  location = "\\smp02\\NSCap\\E"
}

image "f" {
  name  = "F"
  owner = "smp"
}
