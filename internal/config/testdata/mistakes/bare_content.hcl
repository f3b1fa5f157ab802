connection "lab" {}

content {
  method = "smb"
  port   = 70000
  root   = "//files/packages"
  login {
    method   = "basic"
    password = "secret"
  }
  server "PS008" {
    root = "D:\\Package Delivery"
  }
  server "ps008" {
    root = "//ps008/packages"
  }
  server "PS009" {
    port = 4450
  }
  server "PS010" {
    root = "//${server.host}:4450/packages"
  }
  server " " {
    root = "//ps011/packages"
  }
  package_server "PS012" {
    root = "//ps012/packages"
  }
}
