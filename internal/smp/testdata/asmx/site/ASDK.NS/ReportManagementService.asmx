<%@ WebService Language="C#" Class="ReportManagementService" %>
