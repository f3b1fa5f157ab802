<%@ WebService Language="C#" Class="TaskManagementService" %>
