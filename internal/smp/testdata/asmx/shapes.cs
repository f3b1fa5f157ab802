using System;
using System.Data;
using System.Web.Services;
using System.Web.Services.Protocols;
using System.Xml;
using System.Xml.Serialization;

// Values of every kind that a service may return, and failures.
[WebService(Namespace = "urn:pslan:shapes/")]
[WebServiceBinding(ConformsTo = WsiProfiles.None)]
public class Shapes : WebService
{
    public enum Word { None, Started, Failed }

    public class Inner { public string Name; public Guid Agent; }

    public class Record
    {
        public Guid Guid;
        public string Text;
        public string Empty = "";
        public string Null;
        public bool Flag;
        public int Number;
        public long Long;
        public double Double;
        public decimal Decimal;
        public DateTime Never;
        public DateTime Utc;
        public DateTime Local;
        public DateTime Unspecified;
        public int? NoNumber;
        public Guid? NoGuid;
        public Word Word;
        public byte[] Bytes;
        public Guid[] Guids;
        public Guid[] NoGuids;
        public Guid[] EmptyGuids = new Guid[0];
        public Inner[] Inners;
        public object Any;
        [XmlAttribute] public string Attribute = "a";
        [XmlElement(IsNullable = true)] public string Nillable;
        public XmlNode Xml;
    }

    static readonly Guid sample = new Guid("AB000001-0000-4000-8000-0000000000EF");

    static Record Full()
    {
        var xml = new XmlDocument();
        xml.LoadXml("<item guid=\"x\"><name>n</name></item>");
        return new Record
        {
            Guid = sample, Text = "a<b>&\"'  \t \r\n é€\U0001F600 ]]>", Flag = true, Number = -5, Long = long.MaxValue, Double = 1.5, Decimal = 1.50m,
            Utc = new DateTime(2026, 11, 22, 10, 11, 12, 345, DateTimeKind.Utc), Local = new DateTime(2026, 11, 22, 10, 11, 12, DateTimeKind.Local),
            Unspecified = new DateTime(2026, 11, 22, 10, 11, 12), Word = Word.Started, Bytes = new byte[] { 1, 2, 3 },
            Guids = new[] { sample, Guid.Empty }, Inners = new[] { new Inner { Name = "one", Agent = sample }, null }, Any = 7, Xml = xml.DocumentElement,
        };
    }

    [WebMethod] public string Text(string value) { return value; }
    [WebMethod] public string NoText() { return null; }
    [WebMethod] public string EmptyText() { return ""; }
    [WebMethod] public string Header16() { return "\uFEFF<?xml version=\"1.0\" encoding=\"utf-16\"?><images><image Name=\"a &amp; b\" /></images>"; }
    [WebMethod] public string Control() { return "a\u0001b\u001bc\u000bd\uFFFEe"; }
    [WebMethod] public bool Flag(bool value) { return value; }
    [WebMethod] public int Number(int value) { return value; }
    [WebMethod] public Guid OneGuid() { return sample; }
    [WebMethod] public Guid NoGuid() { return Guid.Empty; }
    [WebMethod] public Guid[] Guids(int count)
    {
        var all = new Guid[count];
        for (int i = 0; i < count; i++) all[i] = sample;
        return all;
    }
    [WebMethod] public Guid[] NoGuids() { return null; }
    [WebMethod] public string[] Texts() { return new[] { "a", "", null }; }
    [WebMethod] public Record Whole() { return Full(); }
    [WebMethod] public Record NoRecord() { return null; }
    [WebMethod] public Record[] Records() { return new[] { Full(), null, new Record() }; }
    [WebMethod] public Record[] NoRecords() { return null; }
    [WebMethod] public Record[] EmptyRecords() { return new Record[0]; }
    [WebMethod] public DateTime Moment() { return new DateTime(2026, 11, 22, 10, 11, 12, DateTimeKind.Utc); }
    [WebMethod] public Word OneWord() { return Word.Failed; }
    [WebMethod] public object Anything() { return sample; }
    [WebMethod] public void Nothing() { }
    [WebMethod(MessageName = "ByGuid")] public string By(Guid id) { return "guid " + id; }
    [WebMethod] public string By(string id) { return "text " + id; }
    [WebMethod] public string List(Guid[] ids, Inner inner) { return ids == null ? "null" : ids.Length + " " + (inner == null ? "null" : inner.Name); }
    [WebMethod] public string Several(string[] names) { return names == null ? "null" : string.Join("|", names); }

    [SoapDocumentMethod(OneWay = true)]
    [WebMethod] public void Fire(string value) { }

    [return: XmlElement("ItemInfo")]
    [WebMethod] public Inner GetItemInfo() { return new Inner { Name = "info" }; }

    static DataTable MakeTable(bool rows)
    {
        var t = new DataTable("Table1");
        t.Columns.Add("Package Version", typeof(long));
        t.Columns.Add("guid", typeof(Guid));
        t.Columns.Add("Name_x0041_", typeof(string));
        t.Columns.Add("At", typeof(DateTime));
        t.Columns.Add("Flag", typeof(bool));
        t.Columns.Add("2nd %", typeof(decimal));
        t.Columns.Add("Blob", typeof(byte[]));
        if (rows)
        {
            t.Rows.Add(1601867730L, sample, "a<b", new DateTime(2026, 11, 22, 10, 11, 12), true, 1.5m, new byte[] { 1 });
            t.Rows.Add(DBNull.Value, DBNull.Value, "", DBNull.Value, DBNull.Value, DBNull.Value, DBNull.Value);
        }
        return t;
    }

    static DataSet MakeSet(bool rows)
    {
        var s = new DataSet();
        s.Tables.Add(MakeTable(rows));
        return s;
    }

    static XmlNode Written(DataSet set)
    {
        var xml = new XmlDocument();
        using (var w = xml.CreateNavigator().AppendChild())
            set.WriteXml(w, XmlWriteMode.WriteSchema);
        return xml.DocumentElement;
    }

    [WebMethod] public DataTable Table() { return MakeTable(true); }
    [WebMethod] public DataTable EmptyTable() { return MakeTable(false); }
    [WebMethod] public DataTable NoTable() { return null; }
    [WebMethod] public DataSet Set() { return MakeSet(true); }
    [WebMethod] public DataSet EmptySet() { return MakeSet(false); }
    [WebMethod] public XmlNode Node() { return Written(MakeSet(true)); }
    [WebMethod] public XmlNode EmptyNode() { return Written(MakeSet(false)); }
    [WebMethod] public XmlDocument Document() { var d = new XmlDocument(); d.LoadXml("<?xml version=\"1.0\"?><root xmlns=\"urn:x\"><a>1</a></root>"); return d; }
    [WebMethod] public XmlNode NoNode() { return null; }

    [WebMethod] public string Fail(string message) { throw new InvalidOperationException(message, new ArgumentException("inner <why>")); }

    [WebMethod] public string FailSoap(string message, string type)
    {
        var xml = new XmlDocument();
        XmlNode detail = xml.CreateNode(XmlNodeType.Element, SoapException.DetailElementName.Name, SoapException.DetailElementName.Namespace);
        foreach (string name in new[] { "exceptionType", "stackTrace", "innerException" })
        {
            XmlNode n = detail.AppendChild(xml.CreateElement(name));
            n.InnerText = name == "exceptionType" ? type : name == "stackTrace" ? "   at A.B()" : "";
        }
        throw new SoapException(message, SoapException.ServerFaultCode, "http://actor", detail);
    }
}
