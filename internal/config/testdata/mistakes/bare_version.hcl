pslan {
  required_version = ">= 99.0"
}

image "unknown_to_this_version" {
  colour = "blue"
}
