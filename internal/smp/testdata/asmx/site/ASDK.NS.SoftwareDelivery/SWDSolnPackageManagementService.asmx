<%@ WebService Language="C#" Class="SWDSolnPackageManagementService" %>
