using System.CommandLine;
using Cleave.Peer;

namespace Cleave.Cli;

/// <summary><c>cleave peer</c>: what the nodes of the quickstart run.</summary>
internal static class PeerCommand
{
    public static Command Create()
    {
        var nodes = new Argument<string[]>("nodes")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = "All peers as NAME=ADDRESS[:PORT], its own too; in a lab $CLEAVE_NODES says it.",
        };
        var name = new Option<string?>("--name") { Description = "Its own name; in a lab $CLEAVE_NODE says it." };
        var port = new Option<int>("--port")
        {
            Description = "Where peers listen whose entry names no port.",
            DefaultValueFactory = _ => PeerOptions.DefaultPort,
        };
        port.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 65535)
                result.AddError("--port takes a number from 1 to 65535");
        });

        var command = new Command("peer", "Greet every other node over UDP and TCP, and log whom it hears, loses and finds again")
        {
            nodes, name, port,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var list = result.GetValue(nodes) is { Length: > 0 } given ? string.Join(' ', given) : Environment.GetEnvironmentVariable("CLEAVE_NODES");
            var self = result.GetValue(name) ?? Environment.GetEnvironmentVariable("CLEAVE_NODE");
            if (string.IsNullOrEmpty(list) || string.IsNullOrEmpty(self))
            {
                await Console.Error.WriteLineAsync(
                    "cleave: outside a lab, peer needs a name and the list of all peers: cleave peer --name a a=127.0.0.11 b=127.0.0.12");
                return 2;
            }

            if (!PeerOptions.TryParse(self, list, result.GetValue(port), out var options, out var mistake))
            {
                await Console.Error.WriteLineAsync($"cleave: {mistake}");
                return 2;
            }

            try
            {
                await PeerProgram.RunAsync(options, Console.Out, cancellationToken);
                return 0;
            }
            catch (IOException e)
            {
                await Console.Error.WriteLineAsync($"cleave: {e.Message}");
                return 1;
            }
        });
        return command;
    }
}
