# What pslan is to keep, and where. All *.hcl files of this folder belong together;
# their order and that of their blocks make no difference.

pslan {
  required_version = ">= 0.1.0"
  estate {
    smp = "smp01.example.com" # pslan refuses to run against any other platform
  }
}

# The lab is a simulated platform with real folders, to try things on. It is made
# from the seed on first use; delete its folder to start again.
connection "lab" {
  path = ".pslan/lab"
  seed = "estate.json"
}

package_server "ps001" {
  host = "PS001"
}

package_server "ps002" {
  host = "PS002"
}

policy {
  min_copies = 1 # proved copies that must stay before anything is deleted
}
