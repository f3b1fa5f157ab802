using System;
using System.Data;
using System.IO;
using System.Net;
using System.Reflection;
using System.Web.Services.Protocols;
using System.Xml;

// What stands behind the services: another server of theirs, asked by clients that were
// made from its descriptions.
static class Backend
{
    static readonly string address = Environment.GetEnvironmentVariable("BACKEND");

    public static object Ask(string service, string method, params object[] args)
    {
        Type type = Type.GetType("Backends." + service + "." + service, true);
        using (var client = (SoapHttpClientProtocol)Activator.CreateInstance(type))
        {
            client.Url = address + new Uri(client.Url).AbsolutePath;
            try { return Array.Find(type.GetMethods(), m => Message(m) == method).Invoke(client, args); }
            catch (TargetInvocationException e) { throw Translated(e.InnerException); }
        }
    }

    // By what name a method goes on the wire: overloads have one name in a client.
    static string Message(MethodInfo method)
    {
        var soap = (SoapDocumentMethodAttribute)Attribute.GetCustomAttribute(method, typeof(SoapDocumentMethodAttribute));
        return soap == null ? null : soap.Action.Substring(soap.Action.LastIndexOf('/') + 1);
    }

    // Its time, which runs as it likes, as HTTP writes it.
    public static string Date()
    {
        var request = (HttpWebRequest)WebRequest.Create(address + "/");
        request.Method = "HEAD";
        try { using (WebResponse answer = request.GetResponse()) return answer.Headers["Date"]; }
        catch (WebException e)
        {
            if (e.Response == null)
                throw;
            using (e.Response) return e.Response.Headers["Date"]; // nothing is there, and so it says
        }
    }

    public static T Ask<T>(string service, string method, params object[] args) { return (T)Copied(Ask(service, method, args), typeof(T)); }

    // The same failure, thrown here: with the nodes in its detail, or without.
    static Exception Translated(Exception e)
    {
        var soap = e as SoapException;
        XmlNode type = soap == null || soap.Detail == null ? null : soap.Detail.SelectSingleNode("//exceptionType");
        if (type != null)
        {
            var xml = new XmlDocument();
            XmlNode detail = xml.CreateNode(XmlNodeType.Element, SoapException.DetailElementName.Name, SoapException.DetailElementName.Namespace);
            foreach (string name in new[] { "exceptionType", "stackTrace", "innerException" })
                detail.AppendChild(xml.CreateElement(name)).InnerText = name == "exceptionType" ? type.InnerText : "";
            return new SoapException(e.Message, SoapException.ServerFaultCode, "", detail);
        }
        const string before = "Server was unable to process request. ---> ";
        return new ApplicationException(e.Message.StartsWith(before) ? e.Message.Substring(before.Length) : e.Message);
    }

    // A value of a class of the clients as one of the services' own.
    static object Copied(object value, Type to)
    {
        if (value == null || to.IsInstanceOfType(value))
            return value;
        if (to.IsEnum)
            return Enum.Parse(to, (string)value);
        if (to.IsArray)
        {
            var from = (Array)value;
            Array all = Array.CreateInstance(to.GetElementType(), from.Length);
            for (int i = 0; i < all.Length; i++)
                all.SetValue(Copied(from.GetValue(i), to.GetElementType()), i);
            return all;
        }
        object made = Activator.CreateInstance(to);
        foreach (FieldInfo field in to.GetFields())
            field.SetValue(made, Copied(value.GetType().GetField(field.Name).GetValue(value), field.FieldType));
        return made;
    }

    // A table as .NET reads it and writes it again.
    public static XmlNode Table(string service, string method, params object[] args)
    {
        var set = new DataSet();
        set.ReadXml(new XmlNodeReader((XmlNode)Ask(service, method, args)), XmlReadMode.ReadSchema);
        var text = new StringWriter();
        set.WriteXml(text, XmlWriteMode.WriteSchema);
        var xml = new XmlDocument();
        xml.LoadXml(text.ToString());
        return xml.DocumentElement;
    }
}
