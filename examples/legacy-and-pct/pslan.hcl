# PS008 is to go, and not everything on it is an ordinary image.

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

package_server "ps008" {
  host       = "PS008"
  lifecycle  = "retired"
  successors = [package_server.ps010] # takes WIN11-23H2, which no block names

  # A backup image belongs to one machine, has no package and is never replicated.
  # Nothing can move it; without this, PS008 would never count as drained.
  acknowledge "PSL506" {
    reason = "The backup of the old accounting PC was restored; nobody needs the image"
    ticket = "CHG-4802"
  }
}

package_server "ps009" {
  host = "PS009"
}

package_server "ps010" {
  host = "PS010"
}
