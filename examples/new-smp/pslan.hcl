# The SMP moved to new hardware: smp01 became smp02. The database came along; the
# files of images and PCT packages that were kept on the SMP itself did not, and
# boot environments still call the old name.

pslan {
  required_version = ">= 0.1.0"
  estate {
    smp = "smp02.contoso.com"
  }
}

connection "lab" {
  path = ".pslan/lab"
  seed = "estate.json"
}

locals {
  packages = "\\\\smp02\\NSCap\\bin\\Deployment\\Packages"
}

# An image kept on the SMP has a package location instead of an owner. Its files are
# copied by an operator; pslan compares them, and only then changes the location.
image "on_smp" {
  for_each = toset(["WIN7-GOLD", "WIN10-GOLD"])
  name     = each.key
  location = "${local.packages}\\Images\\${each.key}"
}

pct_package "office" {
  name     = "Office settings"
  location = "${local.packages}\\PCT\\Office-settings"
}

# The NS connection profile is changed first, then the configuration is rebuilt.
preboot_configuration "winpe" {
  name        = "WinPE-x64"
  connects_to = "smp02.contoso.com"
}

preboot_configuration "linuxpe" {
  name        = "LinuxPE-x64"
  connects_to = "smp02.contoso.com"
}

# WinPE-x86 is not declared: the last machine that booted it is gone. A boot
# environment that would be left behind is an error unless somebody says so.
policy {
  acknowledge "PSL508" {
    reason = "WinPE-x86 is not used any more and will be deleted in the console"
    ticket = "CHG-4815"
  }
}
