pslan {
  required_version = ">= 0.1.0"
  estate { # refuses to run against any other platform
    smp = "smp01.contoso.com"
  }
}

connection "lab" { # exactly one; types: lab, smp, snapshot
  path = ".pslan/lab"
  seed = "estate.json" # an estate file; the lab is made from it on first use
}

content {                 # how copies are seen; a lab without it reads its own folders
  method = "path"         # path | smb | manifests | none
  record = "content.json" # remembered reference contents, beside the HCL, to be committed; never required
  root   = "/mnt/${server.host}/Package Delivery"
  verify = "hash" # hash | size
}

variable "new_server" {
  type    = string
  default = "PS010"
  validation {
    condition     = startswith(var.new_server, "PS")
    error_message = "Package servers are called PSnnn here."
  }
}

locals { golden = toset(["WIN10-22H2", "WIN11-23H2"]) }

package_server "ps008" {
  host       = "PS008"
  lifecycle  = "retired"              # active (default) | draining | retired
  successors = [package_server.ps010] # takes what no image block decides; nearest site first, then most free room
}
package_server "ps009" {
  host       = "PS009"
  }
package_server "ps010" {
  host  = var.new_server
  sites = ["HQ"] # optional: a difference is shown, never changed
}

image "golden" {
  for_each = local.golden
  name     = each.key             # or guid = "...", or package = "..."; exactly one image must match
  owner    = package_server.ps010 # or a host name
  assignment {
    servers = "all" # "all" | [package_server.a, "PS011"]
    # sites = ["HQ"]                        # instead of servers; with automatic = true: automatically with manual prestaging
  }
  on_lost   = "abandon"                  # default "block". abandon: nothing is written to it any more, law 15 ignores it, always shown
  min_copies = 2                         # over the policy's
  reference = package_server.ps009       # whose copy counts when nothing else says what is right
}

images "branch" { # all that match, declared at once
  match {         # name globs, kind (default image), package list, owner; all given must hold
    name = ["BRANCH-*"]
    kind = "image"
  }
  except { name = ["*-TEST"] }
  owner = package_server.ps010
  assignment { servers = [package_server.ps010, "PS011"] }
  acknowledge "PSL303" {
    reason  = "Branch copies are deleted on purpose"
    expires = "2027-01-31"
    ticket  = "CHG-4711"
  }
}

pct_package "office" { # as image; never deleted
  name  = "Office settings"
  owner = package_server.ps010
}

image "smp_held" { # stored on the SMP itself
  name     = "WIN7-GOLD"
  location = "\\\\smp02\\NSCap\\bin\\Deployment\\Packages\\Images\\WIN7-GOLD"
}

preboot_configuration "winpe" {
  name        = "WinPE-x64"
  connects_to = "smp02.contoso.com"
}

policy {
  min_copies               = 1         # verified copies that stay before anything is deleted
  max_downloads            = 8         # started by pslan and in flight, whole estate; default: no limit
  max_downloads_per_server = 2         # per target and per source; default: no limit
  bandwidth                = "100Mbps" # between two servers, for estimates only; default: none given, no estimate printed
  hash_max_age             = "7d"      # counted from the end of hashing; the listing must still be the one that was hashed
  evidence_max_age         = "1h"      # older listings are read again before they may carry a decision
  state_max_age            = "24h"     # plan -state older than this: PSL602
  change_limit {                       # default: none. Images whose owner changes or that lose a copy; moves by a lifecycle do not count: PSL603
    percent = 30
    minimum = 10
  }
  timeouts {
    download  = "48h"
    ownership = "4h"
    sync      = "30m"
    operator  = "36h"
    room      = "10d"
  }
  rule "PSL303" { severity = "error" } # error | warning | note; a rule's floor cannot be lowered
}

check "two_sites" {
  assert {
    condition     = alltrue([for s in current.package_servers : length(s.sites) > 0])
    error_message = "A package server without a site serves nobody."
  }
}
