# Somebody insists that PS010 becomes the owner, and its folders are empty.

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

# The owner, PS008, is off, and no other server was ever assigned. "Take ownership"
# would work, and would make an empty package out of this image. pslan will not.
image "win10" {
  name  = "WIN10-22H2"
  owner = package_server.ps010
}

# The same wish for an image whose owner is up and good. PS010 is empty here too,
# but it can download first: the plan waits, compares, and only then takes.
image "win11" {
  name  = "WIN11-23H2"
  owner = package_server.ps010
}

# Here it has already happened: PS010 took ownership of an empty folder. PS009 still
# holds the files, and would follow the emptiness at its next policy refresh. Ownership
# goes to PS009 before anything is refreshed.
image "srv2022" {
  name  = "SRV2022-STD"
  owner = package_server.ps009
}
