using System.CommandLine;
using Cleave.Control;

namespace Cleave.Cli;

/// <summary><c>cleave start</c></summary>
internal static class StartCommand
{
    public static Command Create() => NodeVerbs.Create(
        "start",
        "Start programs where they do not run: those of `start: manual`, those that have ended, those that wait",
        NodeVerb.Start,
        "started",
        "runs already");
}
