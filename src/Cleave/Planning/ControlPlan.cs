using Cleave.Topology;

namespace Cleave.Planning;

/// <summary>
/// A node with <c>control: true</c> sees the folder of its lab's control socket, at its own path in a runtime directory that is otherwise empty. Where it
/// runs as somebody of its own, who can enter no folder of whoever has started the lab, there is one more socket, in a place of that user's.
/// </summary>
internal static class ControlPlan
{
    /// <summary>The runtime directory inside a node of somebody who may control the lab from there.</summary>
    public static string RuntimeOf(PlanInputs inputs, NodeUser? user) => user is { IsRoot: false } ? $"/tmp/cleave-{user.Uid}" : inputs.RuntimeDirectory;

    /// <summary>Where the socket of a node's own user is made, below the lab's folder.</summary>
    public static string FolderOf(string labFolder, int node) => $"{labFolder}/{node}";

    /// <summary>What is to be done while everything of the host is in sight.</summary>
    /// <param name="inputs">The machine.</param>
    /// <param name="at">The node.</param>
    /// <param name="node">The same.</param>
    /// <param name="slot">The first slot that is free for held folders.</param>
    public static IEnumerable<Operation> Before(PlanInputs inputs, Place at, Node node, int slot) =>
        Places(inputs, at, node).SelectMany((p, i) => (IEnumerable<Operation>)
        [
            new Operation.MakeFolder(at, p.Folder), // it is there, unless a printed plan is run
            new Operation.HoldFolder(at, p.Folder, slot + i),
        ]);

    /// <summary>What shows the sockets, over what the node has of its own.</summary>
    /// <inheritdoc cref="Before"/>
    public static IEnumerable<Operation> After(PlanInputs inputs, Place at, Node node, int slot) =>
        Places(inputs, at, node).SelectMany((p, i) => (IEnumerable<Operation>)
        [
            new Operation.MountTmpfs(at, p.Runtime, "0700", null) { Owner = p.User?.Uid },
            new Operation.BindVolume(at, "", slot + i, $"{p.Runtime}/{Path.GetFileName(inputs.LabFolder)}", ReadOnly: true),
        ]);

    private static IEnumerable<(string Folder, string Runtime, NodeUser? User)> Places(PlanInputs inputs, Place at, Node node)
    {
        if (node.Control)
        {
            yield return (inputs.LabFolder, inputs.RuntimeDirectory, null);
            if (node.User is { IsRoot: false } user)
            {
                yield return (FolderOf(inputs.LabFolder, at.Node!.Value), RuntimeOf(inputs, user), user);
            }
        }
    }
}
