using System.Collections.Immutable;
using System.Net;
using Cleave.Topology;

namespace Cleave.Planning;

/// <summary>
/// A lab's way out: a link in the fabric that leads to the host, whoever has made it. The fabric passes on what nodes send to the outside, under its own
/// address there, and what answers that.
/// </summary>
/// <param name="Gateway">Which of the two: <see cref="GatewayChoice.User"/> or <see cref="GatewayChoice.Privileged"/>.</param>
/// <param name="By">What carries the packets, in a word or two: "pasta".</param>
/// <param name="Addresses">The fabric's addresses on the link, one of each family that leads anywhere; not empty.</param>
/// <param name="Resolvers">Addresses of name servers as they are reached through the link, the first to ask first; there may be none.</param>
public sealed record Uplink(GatewayChoice Gateway, string By, ImmutableArray<UplinkAddress> Addresses, ImmutableArray<string> Resolvers)
{
    /// <summary>The link's name in the fabric.</summary>
    public const string LinkName = "up0";

    /// <summary>The commands that make the link, as <c>cleave plan</c> prints them: to be run on the host, with the fabric's namespace at /run/netns/fabric.</summary>
    public ImmutableArray<string> Commands { get; init; } = [];

    /// <summary>An address of the host's at which published ports are open, too; null: there is none.</summary>
    public string? PortsAt { get; init; }

    /// <summary>Which of them are: their numbers in the file's order.</summary>
    public ImmutableArray<int> Ports { get; init; } = [];

    /// <summary>The kernel's number of the link; 0 until it has been made.</summary>
    public int Index { get; init; }

    internal Interface Link => new(LinkName, Index);
}

/// <summary>The fabric's address of one family on the uplink.</summary>
/// <param name="Address">The address, as text.</param>
/// <param name="PrefixLength">How much of it the link's network has.</param>
/// <param name="NextHop">Who takes what is for the outside: an address on the link.</param>
public sealed record UplinkAddress(string Address, int PrefixLength, string NextHop)
{
    internal IPAddress At => IPAddress.Parse(Address);

    internal IPAddress Next => IPAddress.Parse(NextHop);
}
