# The package servers that images.hcl speaks of, by the names that the platform has for
# them. Others need no block.

package_server "ps009" {
  host = "PS009"
}

package_server "ps010" {
  host = "PS010"
}
