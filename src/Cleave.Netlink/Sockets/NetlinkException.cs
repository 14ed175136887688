namespace Cleave.Netlink.Sockets;

/// <summary>The kernel refused something, or did not answer. Says which request of a batch it was, and in the kernel's words why.</summary>
public sealed class NetlinkException : IOException
{
    internal NetlinkException(string message, Errno error)
        : base(message)
    {
        Error = error;
        Failures = [];
    }

    internal NetlinkException(string message, IReadOnlyList<NetlinkFailure> failures, int attempted)
        : base(message)
    {
        var first = failures[0];
        Error = first.Error;
        RequestIndex = first.RequestIndex;
        KernelMessage = first.KernelMessage;
        AttributeOffset = first.AttributeOffset;
        Failures = failures;
        Attempted = attempted;
    }

    /// <summary>The error number of the first failure.</summary>
    public Errno Error { get; }

    /// <summary>Its C name, such as <c>EEXIST</c>.</summary>
    public string ErrorName => Error.ToString();

    /// <summary>The kernel's own words about the first failure, when it had any.</summary>
    public string? KernelMessage { get; }

    /// <summary>Where the offending attribute begins, in bytes from the start of the request.</summary>
    public int? AttributeOffset { get; }

    /// <summary>The first request that failed, counted from 0; -1 when it was none in particular.</summary>
    public int RequestIndex { get; } = -1;

    /// <summary>
    /// Every request that failed, in order. rtnetlink goes on after a failure: requests below <see cref="Attempted"/> that
    /// are not listed here were carried out. Of an nf_tables transaction nothing was carried out.
    /// </summary>
    public IReadOnlyList<NetlinkFailure> Failures { get; }

    /// <summary>How many requests of the batch were given to the kernel; those from here on were never sent.</summary>
    public int Attempted { get; }
}
