<%@ WebService Language="C#" Class="ResourceModel" %>
