using System.Collections.Immutable;
using System.CommandLine;
using Cleave.Faults;

namespace Cleave.Cli;

/// <summary>The options of fault verbs that say which packets are lost, and what the sender learns.</summary>
internal sealed class MannerOptions
{
    private readonly Option<string[]> _except = NodeArgument.Option("--except", "But not these nodes: isolate all --except db", required: false);
    private readonly Option<string?> _tcp = Ports("--tcp", "Only TCP, to these destination ports or to all: 80,8000-8010");
    private readonly Option<string?> _udp = Ports("--udp", "Only UDP, likewise");
    private readonly Option<bool> _icmp = new("--icmp") { Description = "Only ICMP and ICMPv6" };

    private readonly Option<string?> _mode = new("--mode")
    {
        Description = "What senders learn: drop, nothing, which is the default; reject, as from a firewall; reset, as from a machine where no program listens",
        HelpName = "MODE",
        CompletionSources = { "drop", "reject", "reset" },
    };

    private readonly Option<bool> _arp = new("--arp") { Description = "Lose ARP and neighbour discovery, too, as a dead switch does" };

    /// <summary>For verbs under which packets are lost.</summary>
    public IEnumerable<Symbol> Loss => [.. Some, _mode, _arp];

    /// <summary>For mend, too.</summary>
    public IEnumerable<Symbol> Some => [_except, _tcp, _udp, _icmp];

    /// <summary>The fault as the options say.</summary>
    /// <exception cref="InputException">One makes no sense.</exception>
    public Fault.Loss Apply(ParseResult parsed, Fault.Loss fault) =>
        fault with { Except = Except(parsed), Manner = new(Traffic(parsed), Mode(parsed.GetValue(_mode)), parsed.GetValue(_arp)) };

    /// <summary>The nodes that are not meant.</summary>
    public ImmutableArray<string> Except(ParseResult parsed) => NodeArgument.Split(parsed.GetValue(_except) ?? []);

    /// <summary>The traffic that is meant; null: all.</summary>
    /// <exception cref="InputException">These are no ports.</exception>
    public Traffic? Traffic(ParseResult parsed)
    {
        var classes = new List<TrafficClass>();
        AddPorts(_tcp, Protocol.Tcp);
        AddPorts(_udp, Protocol.Udp);
        if (parsed.GetValue(_icmp))
        {
            classes.Add(new(Protocol.Icmp, []));
        }

        return Cleave.Faults.Traffic.Of(classes);

        void AddPorts(Option<string?> option, Protocol protocol)
        {
            if (parsed.GetResult(option) is not { Implicit: false })
            {
                return;
            }

            ImmutableArray<PortRange> ports = [];
            if (parsed.GetValue(option) is { } text && !Cleave.Faults.Traffic.TryPorts(text, out ports))
            {
                throw new InputException($"{option.Name} '{text}': expected ports, 1 to 65535, as 80,8000-8010, or nothing for all");
            }

            classes.Add(new(protocol, ports));
        }
    }

    private static CutMode Mode(string? word) => word switch
    {
        null or "drop" => CutMode.Drop,
        "reject" => CutMode.Reject,
        "reset" => CutMode.Reset,
        _ => throw new InputException($"--mode '{word}': expected drop, reject or reset"),
    };

    private static Option<string?> Ports(string name, string description) =>
        new(name) { Description = description, HelpName = "PORTS", Arity = ArgumentArity.ZeroOrOne };
}
