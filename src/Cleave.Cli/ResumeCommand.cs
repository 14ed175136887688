using System.CommandLine;
using Cleave.Control;

namespace Cleave.Cli;

/// <summary><c>cleave resume</c></summary>
internal static class ResumeCommand
{
    public static Command Create() => NodeVerbs.Create(
        "resume",
        "Let the processes of paused nodes go on",
        NodeVerb.Resume,
        "resumed",
        "is not paused");
}
