image "list" {
  for_each = ["A", "B"]
  name     = each.key
}

image "null" {
  for_each = null
  name     = each.key
}

image "null_key" {
  for_each = toset(["A", null])
  name     = each.key
}

image "number" {
  for_each = 3
  name     = "N"
}

image "self" {
  for_each = toset([each.key])
  name     = "S"
}

variable "secret" {
  default   = "hush"
  sensitive = true
}

image "sensitive" {
  for_each = toset([var.secret])
  name     = each.key
}

image "same" {
  for_each = toset(["A", "B", "C"])
  name     = "ALWAYS THE SAME"
}

image "empty" {
  for_each = toset([])
  name     = each.key
  ownr     = "x"
}

package_server "many" {
  for_each = toset(["PS020", "PS021"])
  host     = each.key
}

image "whole" {
  name  = "W"
  owner = package_server.many
}

image "no_such_key" {
  name  = "K"
  owner = package_server.many["PS022"]
}

image "attribute" {
  for_each = { a = { name = "X1" }, b = { nome = "X2" } }
  name     = each.value.name
}
