-- Rows "package_servers". vSiteServices and these two columns are seen in public code
-- (pingcomputers). It lists site servers of all services; how the package service is told
-- apart is documented nowhere: find it in your database, and put it in place of <...>.
-- More columns that help: state (online, offline), last_seen, free_bytes, total_bytes.
SELECT [Host Name] AS host, Guid AS guid
FROM vSiteServices
WHERE <is a package server>
