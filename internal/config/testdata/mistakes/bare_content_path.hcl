connection "lab" {}

content {
  method = "path"
  port   = 4450
  root   = "/mnt/${server.host}"
  login {
    user = "svc"
  }
}
