namespace Cleave.Netlink.Kernel;

/// <summary>
/// Names the header a class of constants comes from. Constants keep the kernel's names, so that a test can have a
/// C compiler compare every one of them with the header.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
internal sealed class KernelHeaderAttribute(params string[] headers) : Attribute
{
    public string[] Headers { get; } = headers;

    /// <summary>For structs: the name in C, such as <c>struct ifinfomsg</c>.</summary>
    public string? Struct { get; init; }
}
