# What somebody who comes from Windows may write.
connection "smp" {
  url     = "https://smp01.contoso.com:99999"
  ca_file = "C:\new.pem"
  action "take_ownership" {
    command = "powershell.exe -NoProfile -File take.ps1"
  }
  action "convert" {
    command = "pwsh -Command 'Convert-Image'"
  }
}
