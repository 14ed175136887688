namespace Cleave.Bench;

/// <summary>One subject of measurement; a file each.</summary>
internal interface IBench
{
    /// <summary>The word for it on the command line.</summary>
    string Name { get; }

    /// <summary>Measures and reports.</summary>
    void Run(BenchOptions options, Report report);

    /// <summary>What this bench has started in namespaces of its own.</summary>
    int RunChild(string[] order);
}
