using System.CommandLine;
using Cleave.Control;

namespace Cleave.Cli;

/// <summary><c>cleave exec</c>: runs a program in a node.</summary>
internal static class ExecCommand
{
    public static Command Create() => ProgramVerb.Of(
        "exec",
        """
        Run a program in a node: its network, its mounts, its processes. Exits with the program's own code; 125 to 127 are Cleave's: 125 it
        could not be run, 126 it cannot be executed, 127 it does not exist. When this command is ended, the program gets HUP and TERM; one that
        ignores them ends with the lab. Example: cleave exec web -- ping -c 1 db
        """,
        takesProgram: true,
        (node, program, _) => new ExecOrder(node, program));
}
