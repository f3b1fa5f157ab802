connection "lab" {}

content {
  method              = "path"
  root                = "/mnt/${server.host}"
  status_root         = "/mnt/status"
  delete_unused_after = "a week"
}
