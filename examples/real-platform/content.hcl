# How pslan looks at the files on the package servers. It only reads. Without this block
# nothing is seen, and whatever needs a proved copy is blocked.
content {
  method = "smb"
  root   = "//${server.host}/C$/Program Files/Altiris/Altiris Agent/Package Delivery"
  record = "content.json" # what owners held when it was last seen good; commit it

  # The password comes from PSLAN_SMB_PASSWORD. The user, if not from PSLAN_SMB_USER:
  # login { user = "svc-pslan@CONTOSO.COM" }
}
