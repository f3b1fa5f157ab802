using System;
using System.CodeDom;
using System.IO;
using System.Net;
using System.Web.Services.Description;
using Microsoft.CSharp;

// Makes clients from the descriptions of services, as wsdl.exe does: those at an address,
// into a folder, of these paths.
static class Generate
{
    static int Main(string[] args)
    {
        for (int i = 2; i < args.Length; i++)
        {
            string name = Path.GetFileNameWithoutExtension(args[i]);
            ServiceDescription told;
            using (Stream s = WebRequest.Create(args[0] + args[i] + "?WSDL").GetResponse().GetResponseStream())
                told = ServiceDescription.Read(s);
            var importer = new ServiceDescriptionImporter { ProtocolName = "Soap", Style = ServiceDescriptionImportStyle.Client };
            importer.AddServiceDescription(told, null, null);
            var space = new CodeNamespace("Backends." + name);
            var unit = new CodeCompileUnit();
            unit.Namespaces.Add(space);
            ServiceDescriptionImportWarnings warnings = importer.Import(space, unit);
            if (warnings != 0)
            {
                Console.Error.WriteLine("{0}: {1}", args[i], warnings);
                return 1;
            }
            using (var w = new StreamWriter(Path.Combine(args[1], name + ".cs")))
                new CSharpCodeProvider().GenerateCodeFromCompileUnit(unit, w, null);
        }
        return 0;
    }
}
