image "none" {
  owner = package_server.ps010
}

image "two" {
  name = "A"
  guid = "6d3f0c1e-52a1-4a35-9d6c-0d5be1a0f001"
}

image "first" {
  name = "SAME"
}

image "second" {
  name = "same"
}

pct_package "first" {
  name = "SAME"
}

images "nothing" {
  owner = package_server.ps010
}

images "empty" {
  match {}
}

images "empty_list" {
  match { name = [] }
  except {}
}

images "loop" {
  match { owner = "PS011" }
  owner = package_server.ps010
}

images "kinds" {
  match { kind = "pcx" }
}
