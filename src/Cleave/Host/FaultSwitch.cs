using Cleave.Control;
using Cleave.Execution;
using Cleave.Faults;
using Cleave.Planning;
using Cleave.Topology;

namespace Cleave.Host;

/// <summary>The one place where faults are switched: what is in force, and the kernel's table that says the same.</summary>
internal sealed class FaultSwitch(LabTopology topology, Executor executor, EventHub hub)
{
    private readonly Lock _lock = new();
    private FaultsInForce _inForce = FaultsInForce.None(topology);
    private CutRuleset _rules = CutRuleset.Healed;

    public FaultsInForce InForce
    {
        get
        {
            lock (_lock)
            {
                return _inForce;
            }
        }
    }

    /// <summary>Puts a fault in force, or heals.</summary>
    public void Apply(Fault fault) => Switch(now => now.With(fault), FaultText.Describe(fault));

    /// <summary>Puts a fault in force until the scope is disposed of.</summary>
    public Scope Begin(Fault fault)
    {
        object scope = new();
        Switch(now => now.BeginScope(fault, scope), FaultText.Describe(fault));
        return new Scope(() => Switch(now => now.EndScope(scope), $"end of {FaultText.Describe(fault)}"));
    }

    /// <summary>What is cut, for <c>cleave status</c>.</summary>
    public FaultStatus Status()
    {
        FaultsInForce now = InForce;
        PairSet pairs = now.Pairs;
        return new FaultStatus(ControlJson.Schema, now.Partition is null ? null : FaultText.Describe(now.Partition), [.. topology.Networks.Index().Select(Cuts)]);

        NetworkCuts Cuts((int Index, Network Item) network)
        {
            int[] members = FaultPairs.Members(topology, network.Index);
            var cuts =
                from a in members
                from b in members
                where a != b && pairs.Contains(network.Index, a, b)
                select (System.Collections.Immutable.ImmutableArray<string>)[topology.Nodes[a].Name, topology.Nodes[b].Name];
            return new NetworkCuts(network.Item.Name, [.. members.Select(m => topology.Nodes[m].Name)], [.. cuts]);
        }
    }

    private void Switch(Func<FaultsInForce, FaultsInForce> change, string text)
    {
        lock (_lock)
        {
            FaultsInForce after = change(_inForce);
            CutRuleset rules = LabPlan.Rules(after.Pairs, topology);
            executor.Run(new Operation.ReplaceCuts(_rules, rules));
            (_inForce, _rules) = (after, rules);
            hub.Publish(EventKind.Fault, null, $"{text}: {Count(after.Pairs)}");
        }
    }

    private static string Count(PairSet pairs)
    {
        int count = 0;
        for (int network = 0; network < pairs.Networks; network++)
        {
            for (int node = 0; node < pairs.Nodes; node++)
            {
                foreach (ulong word in pairs.Row(network, node))
                {
                    count += System.Numerics.BitOperations.PopCount(word);
                }
            }
        }

        return count == 0 ? "nothing is cut" : $"{count} ordered pairs are cut";
    }

    internal sealed class Scope(Action end) : IDisposable
    {
        private Action? _end = end;

        public void Dispose() => Interlocked.Exchange(ref _end, null)?.Invoke();
    }
}
