using System.CommandLine;
using Cleave.Control;
using Cleave.Processes;

namespace Cleave.Cli;

/// <summary><c>cleave net-exec</c>: runs a program with a node's network and the host's files.</summary>
internal static class NetExecCommand
{
    public static Command Create() => ProgramVerb.Of(
        "net-exec",
        """
        Run a program with a node's network and otherwise the host: its files, /tmp, /etc/hosts and host name, your environment and your
        current directory. It sees the lab's processes, and ends with the lab; node names do not resolve there, so use addresses.
        Exit codes as of exec. Example: cleave net-exec web -- curl http://172.23.0.2:8000/
        """,
        takesProgram: true,
        (node, program, _) => new ExecOrder(node, program)
        {
            NetworkOnly = true,
            Dir = Environment.CurrentDirectory,
            Env = OwnEnvironment.Read(),
        },
        takesUser: false);
}
