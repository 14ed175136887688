using System.Collections.Immutable;
using Cleave.Faults;
using Cleave.Planning;
using Cleave.Topology;

namespace Cleave.Evidence;

/// <summary>Keeps what is counted of each fault from its beginning to its end. Counters belong to a state of the rules; a fault may outlive several.</summary>
internal sealed class EvidenceBook(LabTopology topology)
{
    private readonly PacketEnds _ends = new(topology);
    private readonly Dictionary<object, OpenWindow> _open = [];

    /// <summary>The rules have turned over.</summary>
    /// <param name="before">What was in force.</param>
    /// <param name="rules">The rules for it.</param>
    /// <param name="reading">What they have counted from first to last.</param>
    /// <param name="after">What is in force now.</param>
    /// <param name="edges">When.</param>
    /// <returns>The faults that have ended.</returns>
    public ImmutableArray<WindowEvidence> Turn(FaultsInForce before, CutRuleset rules, CounterReading reading, FaultsInForce after, TurnEdges edges)
    {
        Add(_open, before, rules, reading);
        HashSet<object> active = [.. after.Active.Select(l => l.Key)];
        foreach ((object key, OpenWindow window) in _open)
        {
            window.End = active.Contains(key) ? null : window.End ?? edges;
        }

        foreach (FaultsInForce.Layer layer in after.Active.Where(l => !_open.ContainsKey(l.Key)))
        {
            _open.Add(layer.Key, new OpenWindow(layer.Fault, layer.Pairs, layer.Outside, edges));
        }

        object[] ended = [.. _open.Keys.Except(after.Keys)];
        ImmutableArray<WindowEvidence> closed = [.. ended.Select(k => Judgement.Of(_open[k], topology, edges.By)).OrderBy(w => w.Edges.BeginsAfter)];
        foreach (object key in ended)
        {
            _open.Remove(key);
        }

        return closed;
    }

    /// <summary>What has been counted until now.</summary>
    public ImmutableArray<WindowEvidence> Now(FaultsInForce inForce, CutRuleset rules, CounterReading reading, long time)
    {
        var copies = _open.ToDictionary(o => o.Key, o => o.Value.Copy());
        Add(copies, inForce, rules, reading);
        return [.. copies.Values.OrderBy(w => w.Begin.After).Select(w => Judgement.Of(w, topology, time))];
    }

    /// <summary>A scenario expects that a pair cannot speak: of the faults in force now, Cleave's own probes over it are evidence.</summary>
    /// <param name="from">One end.</param>
    /// <param name="to">The other.</param>
    /// <param name="isRefused">Whether it expects a refusal, which faults give that answer.</param>
    public void Expect(int from, int to, bool isRefused)
    {
        foreach (OpenWindow window in _open.Values.Where(w => !isRefused || w.Fault.Manner.Mode != CutMode.Drop))
        {
            window.Expect(from, to);
        }
    }

    private void Add(Dictionary<object, OpenWindow> windows, FaultsInForce inForce, CutRuleset rules, CounterReading reading)
    {
        foreach (FaultsInForce.Layer layer in inForce.Active)
        {
            windows[layer.Key].Add(layer, rules, reading, _ends);
        }
    }
}
