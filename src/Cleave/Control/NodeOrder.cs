using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Cleave.Control;

/// <summary>What can be done to the program of a node. None of the ends it brings about counts for supervision.</summary>
[JsonConverter(typeof(SnakeCaseEnum<NodeVerb>))]
public enum NodeVerb
{
    /// <summary>Starts the program where it does not run.</summary>
    Start,

    /// <summary>Ends the program: its stop signal, its grace, KILL. It is not started again.</summary>
    Stop,

    /// <summary>KILL to every process of the node, as a crash of the machine would; or another signal to the program alone.</summary>
    Kill,

    /// <summary>Stops every process of the node in one instant, as a machine that hangs.</summary>
    Pause,

    /// <summary>Lets the processes of a paused node go on.</summary>
    Resume,

    /// <summary>Stops and starts the program.</summary>
    Restart,
}

/// <summary>Something to do to programs of nodes.</summary>
/// <param name="Verb">What.</param>
/// <param name="Nodes">Nodes, tags, or "all".</param>
/// <param name="Signal">For <see cref="NodeVerb.Kill"/>: the signal; null: KILL.</param>
public sealed record NodeOrder(NodeVerb Verb, ImmutableArray<string> Nodes, int? Signal = null);

/// <summary>What has been done.</summary>
/// <param name="Schema">The version of this record; 1.</param>
/// <param name="Nodes">The nodes concerned, in the file's order.</param>
public sealed record NodeReply(int Schema, ImmutableArray<NodeResult> Nodes);

/// <summary>What an order has done to one node.</summary>
/// <param name="Changed">False where there was nothing to do: it runs already, or not at all.</param>
/// <param name="Node">The node, now.</param>
public sealed record NodeResult(bool Changed, NodeStatus Node);
