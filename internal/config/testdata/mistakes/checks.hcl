check "empty" {}

check "wrong" {
  assert {
    condition     = current.image
    error_message = "x"
  }
  assert {
    condition     = length(current.images)
    error_message = "x"
  }
  assert {
    condition     = alltrue([for s in current.package_servers : s.site == "HQ"])
    error_message = "x"
  }
  assert {
    condition     = null
    error_message = 5
  }
}

image "a" {
  name = current.images[0].name
}
