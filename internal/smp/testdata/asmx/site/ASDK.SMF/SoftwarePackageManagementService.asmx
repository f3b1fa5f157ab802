<%@ WebService Language="C#" Class="SoftwarePackageManagementService" %>
