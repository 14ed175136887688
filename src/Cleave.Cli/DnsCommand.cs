using System.CommandLine;
using Cleave.Faults;

namespace Cleave.Cli;

/// <summary><c>cleave dns</c></summary>
internal static class DnsCommand
{
    public static Command Create()
    {
        Option<string[]> fail = Names("--fail", "Names with which the fabric says that it has failed (SERVFAIL)");
        Option<string[]> drop = Names("--drop", "Names for which it gives no answer");
        return FaultVerb.Of(
            "dns",
            "Have names fail, of nodes or of the internet, in every node; on top of what fails already, until cleave heal. Example: cleave dns --fail db,*.example.com",
            [fail, drop],
            parsed => Fault.Dns.Of(NodeArgument.Split(parsed.GetValue(fail) ?? []), NodeArgument.Split(parsed.GetValue(drop) ?? [])));
    }

    private static Option<string[]> Names(string name, string description) => new(name)
    {
        Description = description + " (with commas, or given again; *.example.com: all below it)",
        HelpName = "NAME",
        CompletionSources = { Completions.Nodes },
    };
}
