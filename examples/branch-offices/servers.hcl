locals {
  # The hub of an office owns the office's images.
  offices = {
    Berlin  = { prefix = "BER", hub = "PS101" }
    Cologne = { prefix = "CGN", hub = "PS205" }
    Graz    = { prefix = "GRZ", hub = "PS301" }
    Hamburg = { prefix = "HAM", hub = "PS405" }
    Leipzig = { prefix = "LEJ", hub = "PS501" }
    Munich  = { prefix = "MUC", hub = "PS601" }
    Vienna  = { prefix = "VIE", hub = "PS705" }
    Zurich  = { prefix = "ZRH", hub = "PS801" }
  }

  # Their predecessors stay in service, but own nothing any more.
  old_hubs = {
    Cologne = "PS201"
    Hamburg = "PS401"
    Vienna  = "PS701"
  }
}

package_server "hub" {
  for_each = local.offices
  host     = each.value.hub
  sites    = [each.key] # a difference is shown, never changed
}

package_server "old_hub" {
  for_each   = local.old_hubs
  host       = each.value
  lifecycle  = "draining"
  successors = [package_server.hub[each.key]] # takes what no block names, the test images for one
}
