using System.CommandLine;
using Cleave.Control;

namespace Cleave.Cli;

/// <summary><c>cleave pause</c></summary>
internal static class PauseCommand
{
    public static Command Create() => NodeVerbs.Create(
        "pause",
        "Stop every process of the nodes in one instant, as machines that hang; the network stays up",
        NodeVerb.Pause,
        "paused",
        "is paused already");
}
