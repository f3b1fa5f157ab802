# The owner is off, and for some images it held the only copy.

pslan {
  required_version = ">= 0.1.0"
  estate {
    smp = "smp01.contoso.com"
  }
}

connection "lab" {
  path = ".pslan/lab"
  seed = "estate.json"
}

package_server "ps009" {
  host = "PS009"
}

package_server "ps010" {
  host = "PS010"
}

# PS009 has this one. It moves, whatever happens to the others.
image "win11" {
  name  = "WIN11-23H2"
  owner = package_server.ps010
  assignment {
    servers = "all"
  }
}

# Nobody has this one. The plan says so and does not touch it: PSL202. The ways out
# are in README.md.
image "cad" {
  name  = "CAD-WORKSTATION"
  owner = package_server.ps010
  assignment {
    servers = "all"
  }
}

# Nobody has this one either, and nobody needs it any more. "abandon" means: write
# nothing to it, and do not let it hold anything up. It is always shown.
image "legacy_app" {
  name    = "WIN7-LEGACYAPP"
  owner   = package_server.ps010
  on_lost = "abandon"
}
