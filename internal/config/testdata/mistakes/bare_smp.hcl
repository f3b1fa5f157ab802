connection "smp" {
  url        = "http://smp01.contoso.com/Altiris"
  ca_fil     = "ca.pem"
  poll       = "1ms"
  parallel   = 0
  time_zone  = "Europe/Berlin"
  password   = "secret"
  timeouts { read = "soon" }
  login { password = "secret" }
  service "ReportManagmentService" { path = "Altiris" }
  service "ResourceModel" {
    path    = "Altiris/nswebservice"
    binding = "rest"
    methods = { GetResource = 3, GetResources = "" }
  }
  rows "package_server" { report = "1" }
  rows "sites" {
    csv    = "sites.csv"
    report = "0e3a5b0c-0d7e-4f5c-9d9a-3a5b0c0d7e4f"
  }
  rows "copies" {
    table   = "SWD Package"
    columns = { servr = "Host" }
  }
  rows "copies" {
    query   = "DELETE FROM Item"
    max_age = "1d"
  }
  rows "packages" {
    report     = "0e3a5b0c-0d7e-4f5c-9d9a-3a5b0c0d7e4f"
    parameters = { a = "1,2" }
    columns    = { pakage = "Guid" }
  }
  rows "assignments" {
    query = "SELECT 1 AS package; DROP TABLE Item"
  }
  rows "refreshes" {
    query = "SELECT Host AS server, At AS refreshed_at FROM t"
  }
  rows "images" {}
  sql { database = "Symantec_CMDB" }
  sql { server = "x" }
  owner { sources = ["location"] }
  packages {
    interface = "rows"
    links     = ["xml"]
  }
  refresh {}
  membership {
    schedule = "not-a-guid"
    targets  = []
  }
  dialect "images" { nmae = "szName" }
  action "take-ownership" { command = ["x"] }
  action "take_ownership" { command = [] }
  action "refresh" { command = "refresh.ps1" }
}
