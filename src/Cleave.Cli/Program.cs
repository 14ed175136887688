using System.CommandLine;
using Cleave.Cli;
using Cleave.Host;

// The lab host is started hundreds of times a day and needs no command line parser.
if (args is [LabHost.Verb])
{
    return await LabHost.RunAsync();
}

RootCommand root = Commands.Create();
ParseResult parsed = root.Parse(ExecCommand.SeparateProgram(args));
if (parsed.Errors.Count > 0)
{
    foreach (System.CommandLine.Parsing.ParseError error in parsed.Errors)
    {
        Terminal.Error(error.Message);
    }

    Console.Error.WriteLine($"see cleave {parsed.CommandResult.Command.Name switch { "cleave" or "Cleave.Cli" => "", var verb => verb + " " }}--help");
    return ExitCodes.WrongInput;
}

return await Failures.ReportAsync(parsed);
