pslan {
  required_version = "newest"
  estate { smp = "" }
}

pslan {}

connection "lb" {}

connection "lab" {
  path     = ".pslan/lab"
  operator = "away"
  host     = "smp01"
}

content {
  method = "path"
  root   = "/mnt/all"
  verify = "md5"
}

preboot_configuration "p" {
  name = "WinPE"
}
