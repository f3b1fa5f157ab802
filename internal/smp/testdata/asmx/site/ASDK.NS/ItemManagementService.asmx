<%@ WebService Language="C#" Class="ItemManagementService" %>
