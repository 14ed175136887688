using System.CommandLine;
using Cleave.Cli;
using Cleave.Gateway;
using Cleave.Host;
using Cleave.Trials;

PlainOutput.Install();

// The lab host is started hundreds of times a day and needs no command line parser.
if (args is [LabHost.Verb])
{
    return LabHost.RunAsync().GetAwaiter().GetResult();
}

// What the doctor tries, in namespaces it has made for that.
if (args is [KernelTrials.Verb, var count] && int.TryParse(count, out int nodes))
{
    return KernelTrials.Run(nodes);
}

// What a lab that hangs on the gateway starts inside of it.
if (args is [GatewayDoor.Verb, var path, .. var open])
{
    return GatewayDoor.Run(path, open);
}

if (args is [CompletionEngine.Verb, "--", .. var words])
{
    foreach (string word in CompletionEngine.Complete(Commands.Create(), words))
    {
        Console.Out.WriteLine(word);
    }

    return ExitCodes.Ok;
}

Command root = Commands.CreateFor(args);
ParseResult parsed = root.Parse(args is [] ? ["--help"] : ProgramVerb.Separate(root, args));
return parsed.Errors.Count > 0 ? Failures.ReportUsage(root, parsed) : Failures.ReportAsync(parsed).GetAwaiter().GetResult();
