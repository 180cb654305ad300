import type { CommandClass } from '../agent/tool';

// What PowerShell's own commands do, as data: extend these tables and test/fixtures/powershell-commands.json.

/**
 * A cmdlet read as the POSIX program that does the same work, so that one table judges both. `program` are its first words,
 * or `verdict` says what it is. Parameters, those before `|` also by position:
 * `Name!` a file, `Name>` a file it writes over, `Name=` a value that names nothing, `Name{` a script block,
 * `Name:-x` a switch that is the option `-x`, `Name:>>` a switch that makes it append, `Name?` a switch that makes it do
 * nothing, `Name` any other switch, `*` any parameter at all.
 */
export interface Cmdlet {
  program?: string;
  verdict?: { class: CommandClass; reason: string };
  parameters: readonly Parameter[];
  /** Any other parameter says nothing either. */
  open: boolean;
}

export interface Parameter {
  name: string;
  kind: '!' | '>' | '=' | '{' | '?' | ':' | '';
  option: string;
  positional: boolean;
}

const COMMON =
  'Verbose vb Debug db ErrorAction= EA= WarningAction= WA= InformationAction= ProgressAction= ErrorVariable= EV= WarningVariable= OutVariable= OV= OutBuffer= PipelineVariable= PV=';
const SHOULD = 'WhatIf? wi? Confirm cf';
const LITERAL = 'LiteralPath! PSPath! LP! Filter= Include= Exclude= Credential=';

export const CMDLETS: ReadonlyMap<string, Cmdlet> = new Map([
  ...as('rm -r', `Path! | ${LITERAL} Stream= Recurse Force ${SHOULD}`, 'Remove-Item rm del erase rd ri rmdir'),
  ...as(
    'cp',
    `Path! Destination! | ${LITERAL} Container Recurse:-r Force:-f PassThru ${SHOULD}`,
    'Copy-Item cp copy cpi',
  ),
  ...as('mv', `Path! Destination! | ${LITERAL} Force PassThru ${SHOULD}`, 'Move-Item mv move mi'),
  ...as('mv', `Path! NewName! | LiteralPath! PSPath! LP! Force PassThru ${SHOULD}`, 'Rename-Item rni ren'),
  ...as('new-item', `Path! | Name= ItemType= Type= Value= Target= Force:-f ${SHOULD}`, 'New-Item ni'),
  ...as('mkdir', `Path! | Name= Force ${SHOULD}`, 'mkdir md'),
  ...as('truncate -s 0', `Path! | ${LITERAL} Stream= Force ${SHOULD}`, 'Clear-Content clc'),
  ...as(
    'write',
    `Path> Value= | LiteralPath> PSPath> LP> Filter= Include= Exclude= Encoding= NoNewline AsByteStream Force PassThru ${SHOULD}`,
    'Set-Content sc',
  ),
  ...as(
    'append',
    `Path> Value= | LiteralPath> PSPath> LP> Filter= Include= Exclude= Encoding= NoNewline AsByteStream Force PassThru ${SHOULD}`,
    'Add-Content ac',
  ),
  ...as(
    'write',
    `FilePath> Encoding= | Path> LiteralPath> PSPath> LP> Append:>> Force NoClobber NoOverwrite Width= NoNewline InputObject= ${SHOULD}`,
    'Out-File',
  ),
  ...as(
    'write',
    `FilePath> | Path> LiteralPath> PSPath> LP> Append:>> Variable= InputObject= Encoding=`,
    'Tee-Object tee',
  ),
  ...as(
    'write',
    `Path> Delimiter= | LiteralPath> PSPath> LP> Append:>> Force NoClobber Encoding= NoTypeInformation NTI UseCulture InputObject= Depth= ${SHOULD}`,
    'Export-Csv epcsv Export-Clixml',
  ),
  ...as('zip', `Path! DestinationPath> | LiteralPath! CompressionLevel= Update Force ${SHOULD}`, 'Compress-Archive'),
  ...as('unzip', `Path! DestinationPath= | LiteralPath! Force:-o PassThru ${SHOULD}`, 'Expand-Archive'),
  ...as(
    'cat',
    `Path! | ${LITERAL} TotalCount= Head= First= Tail= Last= Raw Wait ReadCount= Encoding= Delimiter= Force AsByteStream`,
    'Get-Content gc cat type',
  ),
  ...as('cat', 'Path! Delimiter= | LiteralPath! PSPath! LP! Header= Encoding= UseCulture', 'Import-Csv ipcsv'),
  ...as(
    'cat',
    'Path! Algorithm= | LiteralPath! PSPath! LP!',
    'Get-FileHash Format-Hex Import-PowerShellDataFile Test-Json',
  ),
  ...as(
    'cat',
    'Pattern= Path! | LiteralPath! PSPath! LP! Include= Exclude= Context= SimpleMatch CaseSensitive AllMatches NotMatch Quiet List Raw NoEmphasis Encoding= InputObject= Culture=',
    'Select-String sls',
  ),
  ...as(
    'ls',
    'Path! Filter= | LiteralPath! PSPath! LP! Include= Exclude= Recurse:-R s:-R Depth= Force Name File Directory ad af Hidden ah ReadOnly ar System as Attributes= FollowSymlink',
    'Get-ChildItem gci ls dir',
  ),
  ...as('stat', `Path! | ${LITERAL} Stream= Force Name=`, 'Get-Item gi Get-ItemProperty gp Get-Acl'),
  ...as('stat', `Path! | ${LITERAL} PathType= IsValid OlderThan= NewerThan=`, 'Test-Path'),
  ...as('stat', 'Path! | LiteralPath! PSPath! LP! Relative RelativeBasePath!', 'Resolve-Path rvpa Convert-Path cvpa'),
  ...as('cd', 'Path! | LiteralPath! PSPath! LP! PassThru', 'Set-Location sl cd chdir'),
  ...as('pushd', 'Path! | LiteralPath! PSPath! LP! PassThru', 'Push-Location pushd'),
  ...as('popd', 'PassThru', 'Pop-Location popd'),
  ...as('pwd', 'PSDrive=', 'Get-Location gl pwd'),
  ...as(
    'echo',
    '*',
    `Write-Output echo write Write-Host Write-Error Write-Warning Write-Verbose Write-Information Write-Debug Write-Progress
    Out-Null Out-String Out-Host oh Out-Default Select-Object select Sort-Object sort Measure-Object measure Group-Object group
    Where-Object where ? Compare-Object compare diff Format-Table ft Format-List fl Format-Wide fw Format-Custom fc
    Get-Unique gu Get-Date Get-Random Get-Culture Get-Host Get-Member gm Get-Command gcm Get-Alias gal Get-Help help man
    Get-Module gmo Get-Process gps ps Get-Service gsv Get-History ghy h history Get-PSDrive gdr Get-Uptime New-TimeSpan
    New-Guid ConvertTo-Json ConvertFrom-Json ConvertTo-Csv ConvertFrom-Csv ConvertTo-Xml ConvertTo-Html Join-String
    Join-Path Split-Path Start-Sleep sleep Clear-Host cls clear Measure-Command Get-Error Get-ComputerInfo Get-Variable gv
    Set-StrictMode Wait-Job wjb Receive-Job rcjb Get-Job gjb`,
  ),
  ...as('echo', 'ClassName= Property= | Filter= KeyOnly', 'Get-CimInstance gcim'),
  ...as(
    'echo',
    'Process{ | Begin{ End{ Parallel{ ThrottleLimit= TimeoutSeconds= InputObject=',
    'ForEach-Object foreach %',
  ),
  ...as('echo', 'ScriptBlock{ | NoNewScope', 'Invoke-Command icm'),
  ...as('echo', 'ScriptBlock{ | Name=', 'Start-Job sajb Start-ThreadJob'),
  ...as(
    'curl',
    'Uri= | OutFile> UseBasicParsing Method= Body= Headers= InFile! ContentType= TimeoutSec= MaximumRedirection= UserAgent= Form= FollowRelLink Resume PassThru',
    'Invoke-WebRequest iwr curl wget Invoke-RestMethod irm',
  ),
  ...as('curl', 'Source= Destination> | DisplayName= Priority=', 'Start-BitsTransfer'),
  ...as('ping', '*', 'Test-Connection Test-NetConnection tnc Resolve-DnsName Send-MailMessage'),
  ...as(
    'start-process',
    'FilePath! ArgumentList= | Args= Verb= NoNewWindow Wait PassThru WorkingDirectory= WindowStyle= RedirectStandardOutput> RSO> RedirectStandardError> RSE>',
    'Start-Process saps start',
  ),
  ...as('eval', 'Command=', 'Invoke-Expression iex'),
  ...as(
    'kill',
    '*',
    'Stop-Process spps kill Stop-Service spsv Restart-Service Suspend-Service Set-Service Stop-Job spjb Remove-Job rjb',
  ),
  ...as(
    'pip',
    '*',
    'Install-Module Install-Package Install-Script Install-PSResource Update-Module Save-Module Install-PackageProvider winget choco scoop',
  ),
  ...is(
    'runs-code',
    'runs whatever code is in it',
    'Import-Module ipmo Add-Type Invoke-Pester mshta rundll32 regsvr32 cscript wscript msbuild dotnet',
  ),
  ...is(
    'network',
    'sends or fetches over the network',
    'certutil bitsadmin Enter-PSSession etsn New-PSSession nsn Connect-PSSession cnsn',
  ),
  ...is('changes-files', 'changes files', 'xcopy'),
  ...is('destructive', 'it copies over, moves or deletes whole folders', 'robocopy'),
  ...is(
    'destructive',
    'it changes the system, or who may do what on it',
    `Set-ExecutionPolicy Set-Acl icacls cacls takeown attrib reg schtasks wmic netsh net net1 sc.exe bcdedit vssadmin cipher
    fsutil wevtutil taskkill runas Register-ScheduledTask Unregister-ScheduledTask New-Service Remove-Service New-LocalUser
    Add-LocalGroupMember Set-MpPreference Add-MpPreference Clear-RecycleBin Clear-EventLog Remove-ItemProperty rp
    Set-ItemProperty sp New-ItemProperty Rename-ItemProperty Remove-CimInstance Invoke-CimMethod Invoke-WmiMethod iwmi
    Set-WmiInstance Remove-WmiObject rwmi Set-Date Disable-ComputerRestore Remove-PSDrive rdr New-PSDrive ndr mount`,
  ),
  ...is(
    'blocked',
    'may destroy the machine',
    `Format-Volume Clear-Disk Initialize-Disk Remove-Partition Set-Disk Resize-Partition diskpart format format.com
    Stop-Computer Restart-Computer Reset-PhysicalDisk`,
  ),
]);

function as(program: string, parameters: string, names: string): [string, Cmdlet][] {
  return each(names, { program, ...listed(parameters) });
}

function is(kind: CommandClass, reason: string, names: string): [string, Cmdlet][] {
  return each(names, { verdict: { class: kind, reason }, ...listed('*') });
}

function each(names: string, cmdlet: Cmdlet): [string, Cmdlet][] {
  return names.split(/\s+/u).map((name) => [name.toLowerCase(), cmdlet]);
}

function listed(text: string): Pick<Cmdlet, 'parameters' | 'open'> {
  const [positional = '', named] = text.includes('|') ? text.split('|') : [text, ''];
  const all = [...parametersOf(positional, true), ...parametersOf(`${named} ${COMMON}`, false)];
  return { parameters: all.filter(({ name }) => name !== '*'), open: text === '*' };
}

function parametersOf(text: string, positional: boolean): Parameter[] {
  return text
    .split(' ')
    .filter((one) => one !== '')
    .map((one) => {
      const [, name = '', kind = '', option = ''] = /^([\w*]+)([!>={?:]?)(.*)$/u.exec(one) ?? [];
      return { name: name.toLowerCase(), kind: kind as Parameter['kind'], option, positional };
    });
}
