# The owner is already off. PS008 was replaced and shut down, and only then did it
# come out that every image belonged to it. PS010 says it is Ready and has nothing.
# PS009 still has good files, and PS009 is to go as well.

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

# Neither server names the other's fate: both hand everything to PS010. The detour
# through PS009 is found by the plan, because PS009 has the only good copies.
package_server "ps008" {
  host       = "PS008"
  lifecycle  = "retired"
  successors = [package_server.ps010]
}

package_server "ps009" {
  host       = "PS009"
  lifecycle  = "retired"
  successors = [package_server.ps010]
}

package_server "ps010" {
  host = "PS010"
}

# PS010 will be the only package server left, so one proved copy has to be enough.
policy {
  min_copies = 1
}
