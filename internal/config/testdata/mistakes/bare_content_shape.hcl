connection "lab" {}

content {
  method = "smb"
  root   = "/mnt/${server.host}/Package Delivery"
}
