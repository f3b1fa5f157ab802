# Backslashes, as Windows has them, and a quote that is not closed on a line with a password.
connection "smp" {
  url     = "https://smp01.contoso.com"
  ca_file = "C:\certs\smp.pem"
}

content {
  method   = "smb"
  password = "hunter2
}
