locals {
  now  = timestamp()
  typo = tosett(["a"])
  few  = startswith("x")
  many = upper("a", "b")
  type = length(5)
  file = file("missing.csv")
  root = file("/etc/hostname")
  json = jsondecode("{")
  bad  = regex("(", "x")
  one  = one(["a", "b"])
  zero = 1 / 0
  cond = true ? "a" : ["b"]
  attr = { a = 1 }.b
  div  = "a" + 1
}
