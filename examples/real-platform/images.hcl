# One image to begin with, one that nobody would miss. What is left out is left alone, and
# so is every image without a block.

image "test" {
  name = "TEST-IMAGE"

  # The next thing to try, when the assignment came through:
  # owner = package_server.ps010

  assignment {
    servers = [package_server.ps009, package_server.ps010]
  }
}
