<%@ WebService Language="C#" Class="DSTaskManagementService" %>
