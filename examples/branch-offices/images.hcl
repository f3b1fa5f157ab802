# Images that every office needs: a table, as the desktop team keeps it.
image "golden" {
  for_each = { for row in csvdecode(file("golden.csv")) : row.name => row }
  name     = each.key
  owner    = each.value.owner
  assignment {
    servers = "all"
  }
}

# The images of an office: found by name, owned by the office's hub, held by all
# package servers there. Whoever captures a new one has nothing to add here.
images "office" {
  for_each = local.offices
  match {
    name = ["${each.value.prefix}-*"]
  }
  except {
    name = ["*-TEST"]
  }
  owner = package_server.hub[each.key]
  assignment {
    sites = [each.key]
  }
}
