image "a" {
  name       = ["A"]
  owner      = 5
  min_copies = "many"
  on_lost    = "ignore"
}

image "b" {
  name       = null
  owner      = null
  min_copies = 0
}

image "c" {
  name = ""
  assignment { servers = "al" }
}

image "d" {
  name = " D"
  assignment { servers = [package_server.ps010, null, ["x"]] }
}

image "e" {
  guid  = "6d3f0c1e"
  owner = ["PS010"]
}

image "f" {
  package = "00000000-0000-0000-0000-000000000000"
  assignment { sites = "HQ" }
}

package_server "x" {
  host      = true ? null : "x"
  lifecycle = "retird"
  sites     = { a = "b" }
}

images "g" {
  match { package = ["nonsense"] }
  reference = { address = "package_server.ps010" }
}
