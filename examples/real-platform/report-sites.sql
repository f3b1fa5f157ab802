-- Rows "sites": one row for each server of a site. No table of sites is publicly known.
SELECT <site name> AS site, <host or GUID of the site server> AS server
FROM <sites and their site servers>
