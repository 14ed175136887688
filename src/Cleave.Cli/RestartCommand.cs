using System.CommandLine;
using Cleave.Control;

namespace Cleave.Cli;

/// <summary><c>cleave restart</c></summary>
internal static class RestartCommand
{
    public static Command Create() => NodeVerbs.Create(
        "restart",
        "Stop and start programs",
        NodeVerb.Restart,
        "restarted",
        "restarted");
}
