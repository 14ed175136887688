namespace Cleave.Netlink.Wire;

/// <summary>Netlink pads messages and attributes to four bytes.</summary>
internal static class Alignment
{
    public const int Size = 4;

    public static int Up(int length) => (length + (Size - 1)) & ~(Size - 1);
}
