imge "a" {
  name = "A"
}

image "b" {
  nme   = "B"
  owner = package_server.ps010
  asignment { servers = "all" }
}

image "c" {
  name       = "C"
  assignment = "all"
  owner { host = "PS010" }
  count      = 2
}

image {
  name = "D"
}

image "e" "f" {
  name = "E"
}

image "g h" {
  name = "G"
}

policy "strict" {}

version = "1.0"

images "i" {
  match { nam = ["X-*"] }
  location = "\\\\smp\\x"
}
