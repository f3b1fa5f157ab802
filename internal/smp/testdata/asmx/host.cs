using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Threading;
using System.Web;
using System.Web.Hosting;

// Serves the ASP.NET application in a folder on a port of loopback until it is killed.
static class Host
{
    static int Main(string[] args)
    {
        var site = (Site)ApplicationHost.CreateApplicationHost(typeof(Site), "/Altiris", args[0]);
        site.Listen("http://127.0.0.1:" + args[1] + "/");
        Thread.Sleep(Timeout.Infinite);
        return 0;
    }
}

// What lives in the application's own domain.
public class Site : MarshalByRefObject
{
    readonly HttpListener listener = new HttpListener();

    public override object InitializeLifetimeService() { return null; }

    public void Listen(string prefix)
    {
        // Each request has one of its own under way: nobody waits for a thread or a connection.
        ThreadPool.SetMinThreads(32, 32);
        ServicePointManager.DefaultConnectionLimit = 32;
        listener.Prefixes.Add(prefix);
        listener.Start();
        new Thread(Serve) { IsBackground = true }.Start();
    }

    void Serve()
    {
        for (;;)
        {
            HttpListenerContext context = listener.GetContext();
            ThreadPool.QueueUserWorkItem(delegate { Answer(context); });
        }
    }

    static void Answer(HttpListenerContext context)
    {
        try { HttpRuntime.ProcessRequest(new Request(context)); }
        catch (Exception e)
        {
            Console.Error.WriteLine(e);
            context.Response.Abort();
        }
    }
}

// A request as ASP.NET asks for it.
class Request : HttpWorkerRequest
{
    readonly HttpListenerContext context;
    readonly MemoryStream answer = new MemoryStream();
    readonly byte[] body;
    readonly string file, info;

    public Request(HttpListenerContext context)
    {
        this.context = context;
        var buffer = new MemoryStream();
        context.Request.InputStream.CopyTo(buffer);
        body = buffer.ToArray();
        file = context.Request.Url.AbsolutePath;
        info = "";
        int at = file.IndexOf(".asmx/", StringComparison.OrdinalIgnoreCase);
        if (at >= 0)
        {
            info = file.Substring(at + 5);
            file = file.Substring(0, at + 5);
        }
    }

    public override string GetUriPath() { return context.Request.Url.AbsolutePath; }
    public override string GetQueryString() { return context.Request.Url.Query.TrimStart('?'); }
    public override string GetRawUrl() { return context.Request.RawUrl; }
    public override string GetHttpVerbName() { return context.Request.HttpMethod; }
    public override string GetHttpVersion() { return "HTTP/" + context.Request.ProtocolVersion; }
    public override string GetRemoteAddress() { return context.Request.RemoteEndPoint.Address.ToString(); }
    public override int GetRemotePort() { return context.Request.RemoteEndPoint.Port; }
    public override string GetLocalAddress() { return context.Request.LocalEndPoint.Address.ToString(); }
    public override int GetLocalPort() { return context.Request.LocalEndPoint.Port; }
    public override string GetAppPath() { return HttpRuntime.AppDomainAppVirtualPath; }
    public override string GetAppPathTranslated() { return HttpRuntime.AppDomainAppPath; }
    public override string GetFilePath() { return file; }
    public override string GetFilePathTranslated() { return MapPath(file); }
    public override string GetPathInfo() { return info; }

    public override string MapPath(string path)
    {
        string below = path.Substring(Math.Min(path.Length, GetAppPath().Length)).TrimStart('/');
        return Path.Combine(GetAppPathTranslated(), below.Replace('/', Path.DirectorySeparatorChar));
    }

    public override byte[] GetPreloadedEntityBody() { return body; }
    public override bool IsEntireEntityBodyIsPreloaded() { return true; }
    public override int GetTotalEntityBodyLength() { return body.Length; }

    public override string GetKnownRequestHeader(int index)
    {
        if (index == HeaderContentLength)
            return body.Length.ToString();
        return context.Request.Headers[GetKnownRequestHeaderName(index)];
    }

    public override string GetUnknownRequestHeader(string name) { return context.Request.Headers[name]; }

    public override string[][] GetUnknownRequestHeaders()
    {
        var all = new List<string[]>();
        foreach (string name in context.Request.Headers.AllKeys)
            if (GetKnownRequestHeaderIndex(name) < 0)
                all.Add(new[] { name, context.Request.Headers[name] });
        return all.ToArray();
    }

    public override string GetServerVariable(string name) { return ""; }

    public override void SendStatus(int code, string text)
    {
        context.Response.StatusCode = code;
        context.Response.StatusDescription = text;
    }

    public override void SendKnownResponseHeader(int index, string value) { SendUnknownResponseHeader(GetKnownResponseHeaderName(index), value); }

    public override void SendUnknownResponseHeader(string name, string value)
    {
        if (name == "Content-Type")
            context.Response.ContentType = value;
        else if (name != "Content-Length" && name != "Transfer-Encoding" && name != "Connection")
            context.Response.Headers.Add(name, value);
    }

    public override void SendResponseFromMemory(byte[] data, int length) { answer.Write(data, 0, length); }
    public override void SendResponseFromFile(string name, long offset, long length) { throw new NotSupportedException(); }
    public override void SendResponseFromFile(IntPtr handle, long offset, long length) { throw new NotSupportedException(); }
    public override void FlushResponse(bool last) { }

    public override void EndOfRequest()
    {
        context.Response.Headers["Date"] = Backend.Date();
        context.Response.ContentLength64 = answer.Length;
        answer.WriteTo(context.Response.OutputStream);
        context.Response.OutputStream.Close();
    }
}
