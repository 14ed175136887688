namespace Cleave.Topology;

/// <summary>What a node may use.</summary>
/// <param name="Files">Open files of each of its programs (RLIMIT_NOFILE of getrlimit(2)); null: as the user's shell has them.</param>
/// <param name="Log">Bytes that are kept of its log, the newest; at least <see cref="LeastLog"/>.</param>
public sealed record Limits(FileLimit? Files, long Log)
{
    /// <summary>Bytes.</summary>
    public const long LeastLog = 1L << 20;

    /// <summary>256M.</summary>
    public const long DefaultLog = 256L << 20;

    /// <summary>Of a node that says nothing.</summary>
    public static Limits Default { get; } = new(null, DefaultLog);
}

/// <summary>A limit of open files.</summary>
/// <param name="Soft">What holds until the program itself asks for more; at most the hard one.</param>
/// <param name="Hard">As far as it can go; at least <see cref="Least"/>, at most <see cref="Most"/>.</param>
public sealed record FileLimit(int Soft, int Hard)
{
    /// <summary>With fewer a program that is linked dynamically hardly starts.</summary>
    public const int Least = 10;

    /// <summary>The most that fs.nr_open of proc(5) can be set to on 64-bit machines.</summary>
    public const int Most = 1_073_741_816;
}
