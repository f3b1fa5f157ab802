connection "smp" {
  host = "smp01.contoso.com"
}

content {
  method = "manifest"
}
