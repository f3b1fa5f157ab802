# What the package server on this computer has: one line for each package.
#
# For a script task that pslan runs: rows "copies" { task = "GUID" }, see docs/smp.md.
# The task runs it as System, and saves its output with the status of the task.
#
# It only reads, as long as $Verb is 'None'. It was written by the public description of
# the agent's COM objects, and was never run on a package server.
#
# Output, with tabs between the cells:
#   pslan packages VERSION   HOST   AGENT VERSION   UTC TIME   BITS OF THIS PROCESS
#   the names of the columns
#   a line for each package
#   end   NUMBER OF PACKAGES
# "-" is a property without a value, "?" one that raised an error. What is no ASCII is
# written \uXXXX. A failure is a line "error   EXIT CODE   MESSAGE" in place of the rest.
#
# Exit codes: 0 well; 10 the agent's object cannot be created; 11 it has no policy manager;
# 12 that one has no package server; 13 its packages cannot be read; 14 the verb failed;
# 15 anything else.

# None only reads. A second task of its own may have one of these:
#   UpdatePolicies        the agent fetches its policy now: for refresh { task = "GUID" }
#   RefreshPackages       the package server looks after its packages
#   ResendPackagesStatus  it sends the status of its packages again
# Never have all package servers do one of them at once.
$Verb = 'None'

$FormatVersion = '1'
$Columns = @(
    'Id', 'Name', 'Status', 'PreviousStatus', 'PackageVersion', 'PackageSize', 'PackageOriginator',
    'IsCustomLocation', 'CleanupAfter', 'Time', 'NS', 'PolicyId'
)
$Empty = '-'
$Unknown = '?'

$ErrorActionPreference = 'Stop'
$GetProperty = [System.Reflection.BindingFlags]::GetProperty
$CallMethod = [System.Reflection.BindingFlags]::InvokeMethod
$Lines = New-Object 'System.Collections.Generic.List[string]'

function ConvertTo-Cell($Value) {
    if ($null -eq $Value -or $Value -is [System.DBNull]) { return $Empty }
    $text = [System.Convert]::ToString($Value, [System.Globalization.CultureInfo]::InvariantCulture).Trim()
    if ($text -eq '') { return $Empty }
    $cell = New-Object System.Text.StringBuilder
    foreach ($character in $text.ToCharArray()) {
        $number = [int]$character
        if ($number -lt 32 -or $number -gt 126) {
            [void]$cell.Append('\u' + $number.ToString('X4'))
        } else {
            [void]$cell.Append($character)
        }
    }
    return $cell.ToString()
}

function Write-Lines {
    [Console]::Out.Write(($Lines -join "`n") + "`n")
}

# Ends with an exit code, and says why.
function Stop-Script([int]$Code, [string]$Message) {
    $Lines.Add("error`t$Code`t" + (ConvertTo-Cell $Message))
    Write-Lines
    exit $Code
}

# The innermost message: late binding wraps the error of the object.
function Get-Reason($Failure) {
    return $Failure.Exception.GetBaseException().Message
}

# The version of the agent's service; it is for people, so a failure is no failure.
function Get-AgentVersion {
    try {
        $service = Get-WmiObject -Class Win32_Service -Filter "Name='AeXNSClient'"
        $path = ([string]$service.PathName).Trim('"')
        return [System.Diagnostics.FileVersionInfo]::GetVersionInfo($path).FileVersion
    } catch {
        return $Unknown
    }
}

# Whether the agent's class is registered for programs of 64 or of 32 bits is not
# documented: where this process cannot create it, one of the other kind tries.
function Invoke-OtherHost {
    $folder = if ([Environment]::Is64BitProcess) { 'SysWOW64' } else { 'Sysnative' }
    $program = Join-Path $env:WINDIR "$folder\WindowsPowerShell\v1.0\powershell.exe"
    if ($env:PSLAN_OTHER_HOST -or -not $PSCommandPath -or -not (Test-Path -LiteralPath $program)) { return }
    $env:PSLAN_OTHER_HOST = '1'
    $output = & $program -NoProfile -NonInteractive -ExecutionPolicy Bypass -File $PSCommandPath
    $code = $LASTEXITCODE
    [Console]::Out.Write(($output -join "`n") + "`n")
    exit $code
}

$bits = if ([Environment]::Is64BitProcess) { '64' } else { '32' }
$now = [DateTime]::UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", [System.Globalization.CultureInfo]::InvariantCulture)
$Lines.Add((@(('pslan packages ' + $FormatVersion), (ConvertTo-Cell $env:COMPUTERNAME), (ConvertTo-Cell (Get-AgentVersion)), $now, $bits) -join "`t"))

try {
    $client = New-Object -ComObject 'Altiris.AeXNSClient'
} catch {
    $reason = Get-Reason $_
    Invoke-OtherHost
    Stop-Script 10 $reason
}
if ($null -eq $client) { Stop-Script 10 'Altiris.AeXNSClient is empty' }

try {
    $manager = [System.__ComObject].InvokeMember('ClientPolicyMgr', $GetProperty, $null, $client, $null)
} catch {
    Stop-Script 11 (Get-Reason $_)
}
if ($null -eq $manager) { Stop-Script 11 'ClientPolicyMgr is empty' }

try {
    $server = [System.__ComObject].InvokeMember('ClientAgent', $CallMethod, $null, $manager, @('Altiris.AeXNSCPkgSvr'))
} catch {
    Stop-Script 12 (Get-Reason $_)
}
if ($null -eq $server) { Stop-Script 12 'ClientAgent(Altiris.AeXNSCPkgSvr) is empty' }

try {
    switch ($Verb) {
        'None' { }
        'UpdatePolicies' { [void][System.__ComObject].InvokeMember('UpdatePolicies', $CallMethod, $null, $client, @(1)) }
        'RefreshPackages' { [void][System.__ComObject].InvokeMember('RefreshPackages', $CallMethod, $null, $server, $null) }
        'ResendPackagesStatus' { [void][System.__ComObject].InvokeMember('ResendPackagesStatus', $CallMethod, $null, $server, $null) }
        default { throw "there is no verb $Verb" }
    }
} catch {
    Stop-Script 14 (Get-Reason $_)
}

try {
    $packages = [System.__ComObject].InvokeMember('Packages', $GetProperty, $null, $server, $null)
    if ($null -eq $packages) { throw 'Packages is empty' }
    $rows = New-Object 'System.Collections.Generic.List[string]'
    foreach ($package in $packages) {
        $cells = foreach ($column in $Columns) {
            try {
                ConvertTo-Cell ([System.__ComObject].InvokeMember($column, $GetProperty, $null, $package, $null))
            } catch {
                $Unknown
            }
        }
        $rows.Add($cells -join "`t")
    }
} catch {
    Stop-Script 13 (Get-Reason $_)
}

try {
    $Lines.Add($Columns -join "`t")
    $Lines.AddRange($rows)
    $Lines.Add("end`t" + $rows.Count)
    Write-Lines
} catch {
    Stop-Script 15 (Get-Reason $_)
}
exit 0
