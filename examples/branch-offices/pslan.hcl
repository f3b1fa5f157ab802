# Eight offices, five package servers in each, 300 images. Three offices got a new
# server to take over from their old hub.

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

variable "downloads" {
  type        = number
  default     = 24
  description = "How many downloads may run at a time, in the whole company"
  validation {
    condition     = var.downloads > 0 && var.downloads <= 100
    error_message = "Between 1 and 100 downloads at a time."
  }
}

policy {
  min_copies               = 2
  max_downloads            = var.downloads
  max_downloads_per_server = 4
  bandwidth                = "500Mbps"

  # Munich's images were captured with "all package servers" and never narrowed.
  # Deleting them in the other offices is the purpose of this change.
  acknowledge "PSL303" {
    reason = "Munich's images are used in Munich only"
    ticket = "CHG-4790"
  }
  acknowledge "PSL305" {
    reason = "The other offices do not deploy Munich's images"
    ticket = "CHG-4790"
  }
}

check "two_servers_for_each_site" {
  assert {
    condition = alltrue([
      for site in current.sites :
      length([for s in current.package_servers : s.name if contains(s.sites, site.name)]) >= 2
    ])
    error_message = "A site with one package server has none on the day that it fails."
  }
}
