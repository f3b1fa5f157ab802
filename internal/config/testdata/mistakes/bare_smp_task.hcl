connection "smp" {
  url = "https://smp01.contoso.com"
  rows "package_servers" {
    task    = "0e3a5b0c-0d7e-4f5c-9d9a-3a5b0c0d7e4f"
    max_age = "2d"
  }
  rows "copies" {
    task    = "the task"
    wait    = "soon"
    max_age = "15m"
    columns = { status = "Stand" }
  }
  rows "packages" {
    csv  = "packages.csv"
    wait = "5m"
  }
  rows "sites" {
    report  = "0e3a5b0c-0d7e-4f5c-9d9a-3a5b0c0d7e4f"
    task    = "0e3a5b0c-0d7e-4f5c-9d9a-3a5b0c0d7e4f"
    wait    = "9h"
    max_age = "1h"
  }
  refresh {
    task                  = "0e3a5b0c-0d7e-4f5c-9d9a-3a5b0c0d7e4f"
    persistent_connection = "yes"
  }
}
