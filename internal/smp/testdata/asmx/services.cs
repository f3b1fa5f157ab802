using System;
using System.Web.Services;
using System.Xml;

// The services that pslan calls, with the signatures and overloads that are publicly
// known: a method with a GUID comes twice, and forms carry the one with a string.

[WebService(Namespace = "http://Altiris.ASDK.SMF.com/")]
[WebServiceBinding(ConformsTo = WsiProfiles.None)]
public class SoftwarePackageManagementService : WebService
{
    const string self = "SoftwarePackageManagementService";

    [WebMethod] public SoftwarePackageDetails GetPackage(string packageGuid) { return Backend.Ask<SoftwarePackageDetails>(self, "GetPackage", packageGuid); }
    [WebMethod(MessageName = "GetPackageX")] public SoftwarePackageDetails GetPackage(Guid packageGuid) { return GetPackage(packageGuid.ToString()); }

    [WebMethod]
    public SoftwarePackageDetails SetPackageServerSettings(string PackageGuid, int AssignmentType, string AutomaticSiteAssignment, string PackageServers, string PackageServerLocation)
    {
        return Backend.Ask<SoftwarePackageDetails>(self, "SetPackageServerSettings", PackageGuid, AssignmentType, AutomaticSiteAssignment, PackageServers, PackageServerLocation);
    }

    [WebMethod(MessageName = "SetPackageServerSettingsX")]
    public SoftwarePackageDetails SetPackageServerSettings(Guid PackageGuid, int AssignmentType, string AutomaticSiteAssignment, string PackageServers, string PackageServerLocation)
    {
        return SetPackageServerSettings(PackageGuid.ToString(), AssignmentType, AutomaticSiteAssignment, PackageServers, PackageServerLocation);
    }

    [WebMethod]
    public bool SetPackageSource(string PackageGuid, int PackageSourceType, string PackageLocation, string PackageFolder, bool IgnoreAttributes)
    {
        return (bool)Backend.Ask(self, "SetPackageSource", PackageGuid, PackageSourceType, PackageLocation, PackageFolder, IgnoreAttributes);
    }

    [WebMethod] public bool UpdateDistributionPoints(string PackageGuid) { return (bool)Backend.Ask(self, "UpdateDistributionPoints", PackageGuid); }
}

[WebService(Namespace = "http://Altiris.ASDK.NS.SoftwareDelivery.com")]
public class SWDSolnPackageManagementService : WebService
{
    const string self = "SWDSolnPackageManagementService";

    [WebMethod] public SWDSolnPackageDetails GetPackageExByGuid(string sPackageGuid) { return Backend.Ask<SWDSolnPackageDetails>(self, "GetPackageExByGuid", sPackageGuid); }

    [WebMethod]
    public bool SetPackageExPackageServerOptions(string sPackageGuid, bool bAllOrSpecificPackageServers, string sPackageServerGuids, string sLocationOnPackageServer)
    {
        return (bool)Backend.Ask(self, "SetPackageExPackageServerOptions", sPackageGuid, bAllOrSpecificPackageServers, sPackageServerGuids, sLocationOnPackageServer);
    }

    [WebMethod] public bool UpdateDistributionPoints(string sPackageGuid) { return (bool)Backend.Ask(self, "UpdateDistributionPoints", sPackageGuid); }
}

// Without an attribute: ASP.NET's own namespace, http://tempuri.org/.
public class DSTaskManagementService : WebService
{
    [WebMethod] public DSDetails RunDeploymentSolutionTask(string xml) { return Backend.Ask<DSDetails>("DSTaskManagementService", "RunDeploymentSolutionTask", xml); }
}

[WebService(Namespace = "http://Altiris.ASDK.NS.com")]
[WebServiceBinding(ConformsTo = WsiProfiles.None)]
public class ItemManagementService : WebService
{
    const string self = "ItemManagementService";

    [WebMethod] public ItemDetails GetItemByGuid(string itemGuid) { return Backend.Ask<ItemDetails>(self, "GetItemByGuid", itemGuid); }
    [WebMethod(MessageName = "GetItemByGuidX")] public ItemDetails GetItemByGuid(Guid itemGuid) { return GetItemByGuid(itemGuid.ToString()); }
    [WebMethod] public bool ItemExists(string itemGuid) { return (bool)Backend.Ask(self, "ItemExists", itemGuid); }
    [WebMethod(MessageName = "ItemExistsX")] public bool ItemExists(Guid itemGuid) { return ItemExists(itemGuid.ToString()); }
    [WebMethod] public ItemDetails[] GetItemsByName(string itemName) { return Backend.Ask<ItemDetails[]>(self, "GetItemsByName", itemName); }
    [WebMethod] public ItemDetails[] GetItemsByType(string typeName) { return Backend.Ask<ItemDetails[]>(self, "GetItemsByType", typeName); }
    [WebMethod] public Guid[] GetItemsByNameAndType(string name, string type) { return (Guid[])Backend.Ask(self, "GetItemsByNameAndType", name, type); }
    [WebMethod] public void ExecuteSchedulableItem(string itemGuid) { Backend.Ask(self, "ExecuteSchedulableItem", itemGuid); }
    [WebMethod(MessageName = "ExecuteSchedulableItemX")] public void ExecuteSchedulableItem(Guid itemGuid) { ExecuteSchedulableItem(itemGuid.ToString()); }
    [WebMethod] public string ExportItemXmlString(string itemGuid) { return (string)Backend.Ask(self, "ExportItemXmlString", itemGuid); }
    [WebMethod(MessageName = "ExportItemXmlStringX")] public string ExportItemXmlString(Guid itemGuid) { return ExportItemXmlString(itemGuid.ToString()); }
}

[WebService(Namespace = "http://Altiris.ASDK.NS.com")]
public class ResourceManagementService : WebService
{
    [WebMethod] public Guid GetResourceByName(string name, string resourceType) { return (Guid)Backend.Ask("ResourceManagementService", "GetResourceByName", name, resourceType); }
    [WebMethod] public Guid GetComputerByNameAndDomain(string name, string domain) { return (Guid)Backend.Ask("ResourceManagementService", "GetComputerByNameAndDomain", name, domain); }
}

[WebService(Namespace = "http://Altiris.ASDK.NS.com")]
[WebServiceBinding(ConformsTo = WsiProfiles.None)]
public class ReportManagementService : WebService
{
    const string self = "ReportManagementService";

    [WebMethod] public XmlNode RunReport(string reportItemGuid) { return Backend.Table(self, "RunReport", reportItemGuid); }
    [WebMethod(MessageName = "RunReportX")] public XmlNode RunReport(Guid reportItemGuid) { return RunReport(reportItemGuid.ToString()); }
    [WebMethod] public XmlNode RunReportWithParameters(string reportItemGuid, string nameValuePairs) { return Backend.Table(self, "RunReportWithParameters", reportItemGuid, nameValuePairs); }
    [WebMethod(MessageName = "RunReportWithParametersX")] public XmlNode RunReportWithParameters(Guid reportItemGuid, string nameValuePairs) { return RunReportWithParameters(reportItemGuid.ToString(), nameValuePairs); }
}

[WebService(Namespace = "http://Altiris.ASDK.Task.com")]
[WebServiceBinding(ConformsTo = WsiProfiles.None)]
public class TaskManagementService : WebService
{
    const string self = "TaskManagementService";

    [WebMethod] public TaskDetails GetTask(string taskGuid) { return Backend.Ask<TaskDetails>(self, "GetTask", taskGuid); }
    [WebMethod(MessageName = "GetTask2")] public TaskDetails GetTask(Guid taskGuid) { return GetTask(taskGuid.ToString()); }
    [WebMethod] public Guid ExecuteTask(string taskGuid, string executionName, string inputParameters) { return (Guid)Backend.Ask(self, "ExecuteTask", taskGuid, executionName, inputParameters); }
    [WebMethod(MessageName = "ExecuteTask2")] public Guid ExecuteTask(Guid taskGuid, string executionName, string inputParameters) { return ExecuteTask(taskGuid.ToString(), executionName, inputParameters); }
    [WebMethod] public TaskStatusDetails[] GetTaskStatus(string taskGuid) { return Backend.Ask<TaskStatusDetails[]>(self, "GetTaskStatus", taskGuid); }
    [WebMethod(MessageName = "GetTaskStatus2")] public TaskStatusDetails[] GetTaskStatus(Guid taskGuid) { return GetTaskStatus(taskGuid.ToString()); }
    [WebMethod] public TaskResourceStatusDetails GetTaskResourceStatus(string taskInstanceGuid, string resourceGuid) { return Backend.Ask<TaskResourceStatusDetails>(self, "GetTaskResourceStatus", taskInstanceGuid, resourceGuid); }
    [WebMethod(MessageName = "GetTaskResourceStatus2")] public TaskResourceStatusDetails GetTaskResourceStatus(Guid taskInstanceGuid, Guid resourceGuid) { return GetTaskResourceStatus(taskInstanceGuid.ToString(), resourceGuid.ToString()); }

    // Those of time critical management have the plain names for GUIDs.
    [WebMethod] public Guid ExecuteTCMTask(Guid taskGuid, string executionName, string inputParameters) { return ExecuteTCMTask(taskGuid.ToString(), executionName, inputParameters); }
    [WebMethod(MessageName = "ExecuteTCMTask2")] public Guid ExecuteTCMTask(string taskGuid, string executionName, string inputParameters) { return (Guid)Backend.Ask(self, "ExecuteTCMTask2", taskGuid, executionName, inputParameters); }
    [WebMethod] public TCMTaskStatusDetails GetTCMTaskStatus(Guid taskId) { return GetTCMTaskStatus(taskId.ToString()); }
    [WebMethod(MessageName = "GetTCMTaskStatus2")] public TCMTaskStatusDetails GetTCMTaskStatus(string taskId) { return Backend.Ask<TCMTaskStatusDetails>(self, "GetTCMTaskStatus2", taskId); }
    [WebMethod] public TCMTaskStatusResult[] GetTCMTaskResults(Guid taskId) { return GetTCMTaskResults(taskId.ToString()); }
    [WebMethod(MessageName = "GetTCMTaskResults2")] public TCMTaskStatusResult[] GetTCMTaskResults(string taskId) { return Backend.Ask<TCMTaskStatusResult[]>(self, "GetTCMTaskResults2", taskId); }
}

// Its methods take GUIDs and nothing else, so forms carry few of them.
[WebService(Namespace = "http://nswebservice.invalid/ResourceModel")]
public class ResourceModel : WebService
{
    const string self = "ResourceModel";

    [WebMethod] public void UpdateResourceTargets(string targetGuids, bool fullUpdate, bool updateDependencies) { Backend.Ask(self, "UpdateResourceTargets", targetGuids, fullUpdate, updateDependencies); }
    [WebMethod] public ResourceDataInfo[] GetResourcesOfType(Guid resourceTypeGUID) { return Backend.Ask<ResourceDataInfo[]>(self, "GetResourcesOfType", resourceTypeGUID); }
    [WebMethod] public ResourceStructureInfo[] GetResourceStructureList() { return Backend.Ask<ResourceStructureInfo[]>(self, "GetResourceStructureList"); }

    [WebMethod]
    public ResourceRelationshipStructure[] GetRelationshipsForResourceType(Guid resourceTypeGUID, bool asParent)
    {
        return Backend.Ask<ResourceRelationshipStructure[]>(self, "GetRelationshipsForResourceType", resourceTypeGUID, asParent);
    }

    [WebMethod]
    public ResourceData[] GetAssociatedChildResources(Guid resourceTypeGUID, Guid resourceGUID, Guid associationType)
    {
        return Backend.Ask<ResourceData[]>(self, "GetAssociatedChildResources", resourceTypeGUID, resourceGUID, associationType);
    }

    [WebMethod]
    public ResourceData[] GetAssociatedParentResources(Guid resourceTypeGUID, Guid resourceGUID, Guid associationType)
    {
        return Backend.Ask<ResourceData[]>(self, "GetAssociatedParentResources", resourceTypeGUID, resourceGUID, associationType);
    }
}
