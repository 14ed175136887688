using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Cleave.Control;
using Cleave.Registry;
using Cleave.Topology;
using Command = System.CommandLine.Command;

namespace Cleave.Cli;

/// <summary><c>cleave port</c>: where a node's ports are to be found on the host.</summary>
internal static class PortCommand
{
    private const string Port = "PORT";

    public static Command Create()
    {
        Option<string?> lab = RunningLabs.Option();
        var node = new Argument<string>("NODE") { Description = "A node", CompletionSources = { Completions.Nodes } };
        var port = new Argument<string?>(Port) { Description = "A port of it, such as 80 or 53/udp; otherwise all that are published", Arity = ArgumentArity.ZeroOrOne };
        port.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } given && Read(given) is null)
            {
                result.AddError($"'{given}' is no port: expected 1 to 65535, and behind it /tcp or /udp where both are published");
            }
        });
        var json = new JsonOption(() => CliJson.Default.PortList);
        var command = new Command("port", "Show at which address and port of the host a node's published ports are; for scripts: curl \"http://$(cleave port web 80)/\"")
        {
            node, port, lab, json,
        };
        command.SetAction(parsed =>
        {
            LabRecord record = RunningLabs.Find(parsed.GetValue(lab));
            string name = parsed.GetRequiredValue(node);
            string? given = parsed.GetValue(port);
            var list = new PortList(ControlJson.Schema, record.Id, Find(record, name, given));
            json.Print(parsed, list, l => Print(l, isOne: given is not null));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static ImmutableArray<PortRecord> Find(LabRecord lab, string node, string? given)
    {
        // From inside a node that controls the lab they may not be seen.
        IReadOnlyList<string> nodes = LabRegistry.Nodes(lab);
        if (nodes.Count > 0 && !nodes.Contains(node))
        {
            string meant = Nearest.Of(node, nodes) is { } nearest ? $"; did you mean '{nearest}'?" : "";
            throw new InputException($"lab {lab.Id} has no node '{node}'{meant}");
        }

        ImmutableArray<PortRecord> all = [.. lab.Ports.Where(p => p.Node == node)];
        if (given is null || Read(given) is not var (number, protocol))
        {
            return all;
        }

        ImmutableArray<PortRecord> found = [.. all.Where(p => p.NodePort == number && (protocol is null || p.Protocol == protocol))];
        string has = all.IsEmpty ? "it publishes none: see 'ports' in the lab file" : $"it publishes {string.Join(", ", all.Select(p => p.NodeText).Distinct(StringComparer.Ordinal))}";
        return found.IsEmpty ? throw new InputException($"node {node} of lab {lab.Id} does not publish port {given}; {has}") : found;
    }

    private static (int Number, PortProtocol? Protocol)? Read(string given)
    {
        string[] parts = given.Split('/');
        PortProtocol? protocol = parts is [_, var word] ? word switch { "tcp" => PortProtocol.Tcp, "udp" => PortProtocol.Udp, _ => null } : null;
        return int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is >= 1 and <= 65535
            && (parts.Length == 1 || (parts.Length == 2 && protocol is not null))
            ? (number, protocol)
            : null;
    }

    private static void Print(PortList list, bool isOne)
    {
        foreach (PortRecord port in list.Ports)
        {
            Console.Out.WriteLine(isOne ? port.HostText : $"{port.NodeText} {port.HostText}");
        }
    }
}
