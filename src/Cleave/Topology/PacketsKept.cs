namespace Cleave.Topology;

/// <summary>Whether the packets of a run's nodes are recorded, and when they are kept.</summary>
public enum PacketsKept
{
    /// <summary>They are not recorded.</summary>
    Never,

    /// <summary>They are kept if the run did not pass.</summary>
    OnFailure,

    /// <summary>They are kept.</summary>
    Always,
}
