locals {
  a    = local.b
  b    = package_server.ring.host
  self = "${local.self}x"
}

package_server "ring" {
  host = local.a
}

image "x" {
  name  = local.a
  owner = package_server.ring
}
