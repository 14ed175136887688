using System.CommandLine;
using Cleave.Topology;

namespace Cleave.Cli;

/// <summary><c>--gateway</c>, for the verbs that start a lab or show its plan.</summary>
internal static class GatewayOption
{
    public static Option<string?> Create()
    {
        var option = new Option<string?>("--gateway")
        {
            Description = "How nodes reach the internet, whatever the file says: none, user (by pasta), privileged (by what cleave gateway create has made), auto",
            HelpName = "HOW",
        };
        option.AcceptOnlyFromAmong([.. GatewayWords.All]);
        return option;
    }
}
