namespace Cleave.Host;

/// <summary>For which nodes the lab's readiness waits.</summary>
internal static class StartOrder
{
    /// <summary>All but those that are started by hand, and those that come after one of these.</summary>
    public static IReadOnlyList<NodeRunner> Awaited(IReadOnlyList<NodeRunner> nodes)
    {
        HashSet<string> manual = [.. nodes.Where(n => n.Node.Run is not null && n.IsManual).Select(n => n.Node.Name)];
        HashSet<string> held = [.. nodes.Where(n => n.IsHeld).Select(n => n.Node.Name)]; // nobody waits for these
        for (int before = -1; before != manual.Count;)
        {
            before = manual.Count;
            manual.UnionWith(nodes.Where(n => n.Node.After.Any(a => manual.Contains(a.Node) && !held.Contains(a.Node))).Select(n => n.Node.Name));
        }

        return [.. nodes.Where(n => !manual.Contains(n.Node.Name))];
    }
}
