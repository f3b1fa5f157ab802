# A legacy image has a folder and no package, so it cannot change owner. It is
# converted first, in the console, where its folder lies; then it moves like any other.
image "legacy" {
  for_each = toset(["POS-TERMINAL", "POS-TERMINAL-OLD", "WINXP-SCALE"])
  name     = each.key
  owner    = package_server.ps010
}

# A PC Transplant package cannot be imported again by any tool, so pslan never plans
# anything that would delete the last of it.
pct_package "office" {
  name  = "Office settings"
  owner = package_server.ps010
}
