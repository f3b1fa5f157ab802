# After PS009 took ownership, somebody assigned the images to PS009 alone. PS010 was
# meant to be their home; it has marked its copies for deletion instead.

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

# One group for all of them. The assignment goes back to all package servers, and
# it does so first: a copy that is marked is saved only if it is assigned again
# before PS010 refreshes its policy.
images "all" {
  match {
    name = ["*"]
  }
  owner = package_server.ps010
  assignment {
    servers = "all"
  }
}
