# PS001 owns this image today. The owner is where every other server downloads it
# from, so pslan brings a proved copy to PS002 before ownership moves there.
image "win11" {
  name  = "WIN11-23H2"
  owner = package_server.ps002
  assignment {
    servers = "all" # or a list: [package_server.ps001, package_server.ps002]
  }
}

# Images that no block names are never touched, only counted.
