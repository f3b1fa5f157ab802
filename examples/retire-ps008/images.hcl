# Nine of the twelve images need no block: the successors of PS008 take them, and
# their assignment ("all package servers") stays as it is.

# These two were assigned to PS008 and PS009 one by one, so PS010 does not have them
# yet. Declaring the assignment says where they shall be in the end; the plan adds
# PS010 first and takes PS008 away last.
image "individually_assigned" {
  for_each = toset(["CAD-WORKSTATION", "FINANCE-W11"])
  name     = each.key
  owner    = package_server.ps010
  assignment {
    servers = [package_server.ps009, package_server.ps010]
  }
}

# Only PS008 has this one. With min_copies = 2, PS008 may not lose its copy before
# both other servers hold one that was compared with it, file by file.
image "training_room" {
  name  = "TRAINING-ROOM"
  owner = package_server.ps010
  assignment {
    servers = "all"
  }
}
