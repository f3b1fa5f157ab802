# Passwords that stand where none belongs are not shown again.
connection "smp" {
  url = "https://me:hunter2@smp 01"
  login {
    user   = "me"
    passwd = "hunter2"
  }
  sql {
    server   = "sql01"
    database = "Symantec_CMDB"
    login { password="hunter2" }
  }
}

content {
  method = "smb"
  root   = "//${server.host}/share"
  login {
    pasword  = "hunter2"
    Password = "hunter2"
  }
}
