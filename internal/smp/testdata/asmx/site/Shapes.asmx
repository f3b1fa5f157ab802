<%@ WebService Language="C#" Class="Shapes" %>
