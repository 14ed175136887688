using System.Globalization;
using System.Net;
using Cleave.Netlink.Route;
using Cleave.Netlink.Sockets;

namespace Cleave.Gateway;

/// <summary>
/// The cable between the gateway and a lab. Its number, by which it has its addresses, is in the name of its end in the gateway: the kernel lets nobody
/// take a name that is there, and deletes both ends with the lab's namespace, however the lab ends. So there is no list of who has what.
/// </summary>
internal static class LabCable
{
    private const int Attempts = 10_000;

    /// <summary>Makes one; its end in the lab is down and has no address.</summary>
    /// <param name="gateway">A socket of the gateway's network.</param>
    /// <param name="mark">What the gateway was made with.</param>
    /// <param name="taken">Networks that its addresses must not be in.</param>
    /// <param name="labNetwork">A descriptor of the lab's network namespace.</param>
    /// <param name="name">The name of its end in the lab.</param>
    /// <param name="lab">The lab's id.</param>
    /// <returns>Its number.</returns>
    /// <exception cref="CleaveException">There is no number left.</exception>
    public static int Make(NetlinkSocket gateway, GatewayMark mark, IReadOnlyCollection<IPNetwork> taken, int labNetwork, string name, string lab)
    {
        GatewayNetwork network = mark.Network;
        if (gateway.FindLink(GatewayPlan.InsideLink) is null)
        {
            throw new CleaveException("the gateway is damaged, its cable to the host is gone: cleave gateway create makes it again");
        }

        int[] free = [.. Enumerable.Range(0, GatewayNetwork.Slots).Where(s => taken.All(t => !Overlap(t, network.LabCable(s))))];
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            var names = gateway.DumpLinks().Select(l => l.Name).ToHashSet(StringComparer.Ordinal);
            int? slot = free.Cast<int?>().FirstOrDefault(s => !names.Contains(NameOf(s!.Value)));
            if (slot is not { } number)
            {
                throw new CleaveException(free.Length == 0
                    ? $"the lab's networks leave none of the gateway's addresses, {network.Pool}: make a gateway elsewhere, with cleave gateway create --network"
                    : $"all {free.Length} cables of the gateway that this lab can have are taken: end labs, see cleave gateway status");
            }

            if (TryMake(gateway, number, labNetwork, name))
            {
                Connect(gateway, mark, number, lab);
                return number;
            }
        }

        throw new CleaveException($"{Attempts} times another lab was faster to take a cable of the gateway");
    }

    /// <summary>The name of its end in the gateway.</summary>
    public static string NameOf(int slot) => string.Create(CultureInfo.InvariantCulture, $"{GatewayPlan.LabLinks}{slot}");

    /// <summary>False if another lab was faster.</summary>
    private static bool TryMake(NetlinkSocket gateway, int slot, int labNetwork, string name)
    {
        var batch = new RouteBatch();
        batch.AddLink(new LinkMessage
        {
            Name = NameOf(slot),
            TransmitQueues = 1,
            ReceiveQueues = 1,
            Settings = new VethSettings { Peer = new LinkMessage { Name = name, TransmitQueues = 1, ReceiveQueues = 1, NetnsFd = labNetwork } },
        });
        return gateway.TrySend(batch) switch
        {
            [] => true,
            [{ Error: Errno.EEXIST }] => false,
            [var failure, ..] => throw new CleaveException($"the cable to the gateway cannot be made: {failure}"),
        };
    }

    private static void Connect(NetlinkSocket gateway, GatewayMark mark, int slot, string lab)
    {
        int index = gateway.FindLink(NameOf(slot))?.Index ?? throw new CleaveException("the cable to the gateway is gone again");
        var batch = new RouteBatch();
        batch.SetLink(new LinkMessage { Index = index, Alias = lab });
        batch.AddAddress(AddressMessage.For(index, mark.Network.GatewayEnd(slot), 30));
        if (mark.IPv6)
        {
            batch.AddAddress(AddressMessage.For(index, mark.Network.GatewayEnd6(slot), 126));
        }

        batch.SetLinkUp(index);
        gateway.Send(batch);
    }

    private static bool Overlap(IPNetwork a, IPNetwork b) => Topology.AddressRange.Of(a).Overlaps(Topology.AddressRange.Of(b));
}
