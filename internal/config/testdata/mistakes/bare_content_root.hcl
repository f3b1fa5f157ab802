connection "lab" {}

content {
  method = "smb"
}
