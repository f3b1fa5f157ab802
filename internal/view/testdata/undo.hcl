# How things were before run run-20261122T100000Z (2026-11-22 10:00:00 UTC), on smp01.contoso.com.
# Plan ID: sha256:5f0c6c1d8f7a4e0b9c2d3e4f5061728394a5b6c7d8e9f0011223344556677889
#
# To go back: put these blocks in the place of those that declare the same images,
# take away what makes a server below draining or retired, and look at pslan plan.
# Going back is a move like any other: copies are downloaded and verified again
# before ownership moves.
#
# What cannot be undone:
#   - WIN11-23H2 on PS011: its wrong files are deleted.
#   - WIN11-23H2 on PS008: its files (12.4 GiB) are deleted there; they would have to be downloaded again.
#   - WIN7-OLD: a managed image cannot be made a legacy one again.
#   - PS008: its package service role is removed, and its Package Delivery folder goes with it. Give the role back in the console first.

# WIN11-23H2, image.win11
image "win11" {
  guid  = "6d3f0c1e-52a1-4a35-9d6c-0000000003e9"
  owner = "PS008"
  assignment {
    servers = ["PS008"]
  }
}

# WIN7-GOLD, image.smp_held
image "smp_held" {
  guid     = "6d3f0c1e-52a1-4a35-9d6c-00000000042f"
  location = "\\\\smp01\\NSCap\\bin\\Deployment\\Packages\\Images\\WIN7-GOLD"
  assignment {
    sites = ["HQ"]
  }
}

# WinPE-x64: its profile is changed by hand, and it is rebuilt
preboot_configuration "winpe" {
  name        = "WinPE-x64"
  connects_to = "smp01.contoso.com"
}
