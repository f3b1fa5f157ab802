image "a" {
  name  = "A"
  owner = package_server.ps10
}

image "b" {
  name  = var.nam
  owner = local.ps
}

image "c" {
  name  = each.key
  owner = PS010
}

image "d" {
  name  = image.a.name
  owner = package_server
}

image "e" {
  name = current.images[0].name
}

image "f" {
  name = server.name
}

image "g" {
  for_each = toset(["A"])
  name     = each.kye
  owner    = package_server.ps010["x"]
}

image "h" {
  name = path.module
}

image "i" {
  name = package_server.ps010
}

variable "name" { default = var.other }
