connection "lab" {}

content {
  method      = "manifests"
  root        = "manifests"
  status_root = "/mnt/${server.host}/status"
}
