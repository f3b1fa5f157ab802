# Retire PS008: it owns every image, it is up, and PS010 takes its place.
#
# Nothing here says which image moves when. That is the plan's work: pslan never
# lets a server take ownership before its copy is proved, and never asks for the
# old server's role to be removed while anything still depends on it.

pslan {
  required_version = ">= 0.1.0"
  estate {
    smp = "smp01.contoso.com" # refuse to run against any other platform
  }
}

connection "lab" {
  path = ".pslan/lab" # made from the seed on first use; delete the folder to start again
  seed = "estate.json"
}

policy {
  min_copies               = 2 # proved copies that must stay before anything is deleted
  max_downloads_per_server = 3
  bandwidth                = "100Mbps" # of the lab; for estimates only
}

# "retired" means: owns nothing, is in no individual assignment, is safe to switch
# off, and then loses the package service role.
package_server "ps008" {
  host       = "PS008"
  lifecycle  = "retired"
  successors = [package_server.ps010] # takes every image that no block below decides
}

package_server "ps009" {
  host = "PS009"
}

package_server "ps010" {
  host  = "PS010"
  sites = ["HQ"]
}
