variable "required" { type = string }

variable "typed" {
  type    = number
  default = "many"
}

variable "nothing" {
  type    = lst(string)
  default = []
}

variable "validated" {
  default = "X"
  validation {
    condition     = startswith(var.validated, "PS")
    error_message = "Package servers are called PSnnn here."
  }
  validation {
    condition     = true
    error_message = "Never."
  }
  validation {
    condition = length(var.validated) > 0
  }
}

variable "secret" {
  type      = string
  default   = "hush"
  sensitive = true
  validation {
    condition     = var.secret != "hush"
    error_message = "Not ${var.secret}."
  }
}

variable "no_null" {
  default  = null
  nullable = false
}

variable "required" {}

image "a" {
  name = var.secret
}

image "b" {
  name = "n-${var.secret}"
  assignment { servers = [var.secret] }
}

image "c" {
  name  = tonumber(var.secret)
  owner = jsondecode(var.secret)
}
