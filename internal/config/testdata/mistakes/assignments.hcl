image "a" {
  name = "A"
  assignment {
    servers = [package_server.ps010]
    sites   = ["HQ"]
  }
}

image "b" {
  name = "B"
  assignment {}
}

image "c" {
  name = "C"
  assignment { servers = [] }
}

image "d" {
  name = "D"
  assignment { sites = [] }
}

image "e" {
  name = "E"
  assignment { automatic = true }
}

image "f" {
  name = "F"
  assignment {
    automatic = true
    servers   = "all"
  }
}

image "g" {
  name = "G"
  assignment { servers = "all" }
  assignment { servers = "all" }
}
