policy {
  min_copies    = 0
  max_downloads = 1.5
  bandwidth     = "100MB/s"
  hash_max_age  = "1 week"
  state_max_age = "0s"
  change_limit { percent = 130 }
  timeouts {
    download = 48
    sync     = "30m1h"
    romm     = "1d"
  }
  rule "PSL330" { severity = "error" }
  rule "PSL201" { severity = "warning" }
  rule "PSL303" { severity = "fatal" }
  rule "PSL303" { severity = "error" }
  rule "PSL405" {}
  acknowledge "PSL303" {
    reason  = ""
    expires = "2027-02-30"
  }
}

image "a" {
  name = "A"
  acknowledge "PSL303" {}
  acknowledge "303" { reason = "because" }
  acknowledge "PSL305" {
    reason = "once"
  }
  acknowledge "PSL305" {
    reason = "twice"
  }
}

policy {}
