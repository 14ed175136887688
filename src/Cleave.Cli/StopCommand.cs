using System.CommandLine;
using Cleave.Control;

namespace Cleave.Cli;

/// <summary><c>cleave stop</c></summary>
internal static class StopCommand
{
    public static Command Create() => NodeVerbs.Create(
        "stop",
        "End programs as their `stop` says (TERM, and KILL after 2 s), and leave them ended; what exec runs there stays",
        NodeVerb.Stop,
        "stopped",
        "does not run");
}
