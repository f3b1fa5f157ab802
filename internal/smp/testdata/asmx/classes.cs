using System;

// The structures of the services, with the fields and spellings of the vendor's help.

public class SoftwarePackageDetails
{
    public Guid Guid;
    public string Name, Description, ItemAttributes, SourceType, PackageLocation, PackageDirectory;
    public string PackageServerAssigments, PackageServerAutoAssign, PackageServers, PackageServerLocation, CommandLines;
    public Guid SoftwareComponent;
}

public class SWDSolnPackageDetails
{
    public string Guid, Name, Description, Publisher, Version, Language, Location, PackageDirectory, PackageSourceType, PackageType;
    public string SelectedPackageServers, ParentFolderGuid, AgentDisplayName, AgentDisplayDescription, AlternateDownloadDestinationLocation, Attributes;
    public bool EnableVerboseEvents;
    public int PurgeAfterDurationInMinutes;
}

public class DSDetails
{
    public bool Success;
    public string ErrorMessage, ReturnXML;
}

public class ItemDetails
{
    public Guid Guid;
    public string Name, TypeName, LongTypeName;
    public Guid TypeGuid, ParentFolderGuid;
    public string ParentFolderName, Attributes;
    public bool Enabled;
    public string AppliedToResourceTargets;
    public bool IsSchedulableItem, ScheduleEnabled;
    public string ScheduleXml;
    public Guid SharedScheduleGuid;
}

public class TaskPropertyDetails
{
    public string InternalName, DisplayName, Description, Type, Value;
    public bool Required;
}

public class TaskDetails
{
    public Guid Guid;
    public string Name, Description, Type, InputParameters;
    public TaskPropertyDetails[] OutputProperties;
}

public class TaskStatusDetails
{
    public Guid InstanceGuid;
    public string RunName, Status, Type, Summary, StartedBy;
    public DateTime StartTime, EndTime;
    public int ReturnCode, NotStarted, Started, Succeeded, Failed, TotalComputers, TotalFinished;
    public Guid[] ResourceGuids, SubTaskGuids;
}

public class TaskResourceStatusDetails
{
    public Guid TaskInstanceGuid, ResourceGuid;
    public string TaskInstanceName, ResourceName;
    public int Status, ReturnCode;
    public TaskPropertyDetails[] OutputProperties;
}

public class TCMTaskStatusDetails
{
    public Guid ID;
    public int NotStarted, InProgress, Completed, Total, Failed, Succeeded;
    public double Progress;
}

public enum TaskStatus { None, Started, Failed, Succeeded, Executed }

public class TCMTaskStatusResult
{
    public Guid Agent;
    public TaskStatus Result;
}

public class ResourceDataInfo
{
    public Guid ResourceGUID;
    public string ResourceName;
    public Guid ResourceTypeGUID;
}

public class ResourceData
{
    public Guid ResourceGUID;
    public string ResourceName;
    public Guid ResourceTypeGUID;
    public string ResourceTypeName;
}

public class ResourceStructureInfo
{
    public Guid ResourceTypeGUID;
    public string ResourceTypeName;
}

public class ResourceRelationshipStructure
{
    public Guid RelationshipTypeGUID;
    public string RelationshipTypeName;
    public Guid ParentResourceTypeGUID, ChildResourceTypeGUID;
}
