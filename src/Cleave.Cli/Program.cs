using System.CommandLine;
using Cleave.Cli;
using Cleave.Host;

// The lab host is started hundreds of times a day and needs no command line parser.
if (args is [LabHost.Verb])
{
    return await LabHost.RunAsync();
}

Command root = Commands.Create();
ParseResult parsed = root.Parse(args is [] ? ["--help"] : ExecCommand.SeparateProgram(args));
return parsed.Errors.Count > 0 ? Failures.ReportUsage(root, parsed) : await Failures.ReportAsync(parsed);
