-- Rows "copies". SWDPackageServer is documented to feed the console's page on the status of
-- packages (KB 179701, KB 179719); none of its column names is. managed (local, external)
-- is a source for the owner: the one server that says local.
SELECT <package> AS package, <server> AS server, <status> AS status
FROM SWDPackageServer
