<%@ WebService Language="C#" Class="ResourceManagementService" %>
