-- Rows "packages". SWDPackage and its version are documented (KB 179701). Which column is
-- the key is not: PackageId or Guid. Nor is where the image and the owner stand; without
-- the owner this is one source less for it, and two have to agree.
SELECT <key> AS package, <image GUID> AS image, [Package Version] AS version, <owner> AS owner
FROM SWDPackage
