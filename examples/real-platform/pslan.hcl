# A real installation. README.md says in which order to fill this in and try it.

pslan {
  required_version = ">= 0.1.0"
  estate {
    smp = "smp01.contoso.com" # the host in url; pslan refuses to run against any other platform
  }
}

connection "smp" {
  url = "https://smp01.contoso.com"

  # The certificate to trust, where this machine does not trust it already:
  # ca_file = "contoso-ca.pem"

  # Other names of the SMP in package locations, a former one too:
  # also_called = ["smp", "oldsmp"]

  # The password comes from PSLAN_SMP_PASSWORD. The user, if not from PSLAN_SMP_USER:
  # login { user = "CONTOSO\\svc-pslan" }

  # What is done by hand goes to a runbook. "present": apply says what is to be done, and
  # waits until it sees that it was.
  operator = "absent"

  # No web service lists these. Each comes from a report of yours, from the database, or
  # from a file that somebody exports; the columns are the same. The files here are samples:
  # put yours in their place. As soon as you have made a report from report-*.sql, name its
  # GUID instead of the file: what a plan changes (owners, copies) has to come from where it
  # is always new.
  rows "package_servers" {
    csv = "package_servers.csv"
    # report = "0e3a5b0c-0d7e-4f5c-9d9a-3a5b0c0d7e4f"
    # columns = { host = "Host Name" }                   # if it calls a column otherwise
    # words   = { "Up" = "online", "Down" = "offline" }  # if it says something otherwise
  }

  rows "sites" {
    csv = "sites.csv"
  }

  rows "packages" {
    csv     = "packages.csv"
    max_age = "30d" # an older file is refused
    # report = "7c1d2e3f-4a5b-4c6d-8e7f-901a2b3c4d5e"
  }

  rows "copies" {
    csv     = "copies.csv"
    max_age = "30d"
    # report = "2d4c6b8a-1f3e-4d5c-8b7a-9e0f1a2b3c4d"
  }

  # Without these two, telling servers of a change is done by hand as well. The task is one
  # of yours that has a package server fetch its policy; the schedule is that of the delta
  # membership update. Neither GUID is publicly known: find them on your SMP.
  # refresh { task = "0b9d8c7e-6f5a-4b3c-9d2e-1f0a9b8c7d6e" }
  # membership { schedule = "5f4e3d2c-1b0a-4987-8654-321fedcba098" }

  # Taking ownership has no interface: a person does it in the window of the package server,
  # or a program of yours, which reads the step as JSON on its standard input.
  # action "take_ownership" {
  #   command = ["powershell.exe", "-NoProfile", "-File", "take-ownership.ps1"]
  #   timeout = "5m"
  # }
}
