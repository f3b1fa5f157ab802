connection "lab" {}

content {
  method      = "manifests"
  root        = "manifests/${server.name}"
  status_root = "/mnt/${server.host}/status"
}
