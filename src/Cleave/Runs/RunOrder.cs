namespace Cleave.Runs;

/// <summary>What a lab records of what happens in it, and what it draws chance with.</summary>
/// <param name="Folder">Absolute path of the run's folder, which is there.</param>
/// <param name="Began">When it began, as <see cref="TimeProvider.GetTimestamp"/> says: by CLOCK_MONOTONIC, one for all processes of the machine.</param>
/// <param name="Seed">What everything random is drawn with.</param>
public sealed record RunOrder(string Folder, long Began, int Seed)
{
    /// <summary>Whether the nodes' packets are recorded.</summary>
    public bool HasPackets { get; init; }

    /// <summary>The folder of the packets.</summary>
    internal string Packets => Path.Combine(Folder, "pcap");

    /// <summary>The folder of the logs.</summary>
    internal string Logs => Path.Combine(Folder, "logs");

    /// <summary>The file of the events.</summary>
    internal string Events => Path.Combine(Folder, RunFolder.EventsName);

    /// <summary>The file whose lock says that the run goes on.</summary>
    internal string LockFile => Path.Combine(Folder, RunFolder.LockName);
}
