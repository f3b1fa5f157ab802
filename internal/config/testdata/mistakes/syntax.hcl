image "good" {
  name = "GOOD"
  ownr = "not told: a syntax error stands in this file"
}

image "a" {
  name  = "A
  owner = package_server.ps010
}

image "b" {
  name = B C
}

image "c" {
  name = "C",
  owner =
}

image "d" {
  name = "D"
  owner = package_server.
