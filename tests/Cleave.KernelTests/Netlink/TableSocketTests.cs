using System.Diagnostics;
using System.Net.NetworkInformation;
using Cleave.Netlink;
using Cleave.Netlink.Route;
using Cleave.Netlink.Sockets;
using Cleave.Netlink.Tables;

namespace Cleave.KernelTests.Netlink;

public sealed class TableSocketTests
{
    private const TableFamily Family = TableFamily.Bridge;
    private const string Table = "cleave";

    [Fact]
    public void Nft_lists_what_was_made_and_loads_its_listing_again() => TestNamespace.Run(ns =>
    {
        using var socket = NetlinkSocket.Open(NetlinkFamily.Netfilter);
        var batch = new TableBatch();
        CutTable.Create(batch, nodes: 2);
        CutTable.AddOtherSets(batch);
        socket.Send(batch);

        var listing = ns.Output("nft", "list", "ruleset");
        Assert.Equal(CutTable.Listing, listing);
        ns.Output("nft", "flush", "ruleset");
        ns.OutputOf("nft", listing, "-f", "-");
        Assert.Equal(listing, ns.Output("nft", "list", "ruleset"));
        Assert.Contains("\"map\": \"@sources\"", ns.Output("nft", "-j", "list", "ruleset").Replace("\"data\"", "\"map\"", StringComparison.Ordinal), StringComparison.Ordinal);
    });

    [Fact]
    public void One_transaction_flushes_the_chain_and_replaces_sets_of_the_same_name() => TestNamespace.Run(ns =>
    {
        using var socket = NetlinkSocket.Open(NetlinkFamily.Netfilter);
        var batch = new TableBatch();
        CutTable.Create(batch, nodes: 2);
        socket.Send(batch);
        batch.Clear();
        CutTable.Replace(batch, nodes: 500);
        socket.Send(batch);

        Assert.Equal(500, socket.DumpElements(Family, Table, "sources").Count);
        Assert.Equal(500, socket.DumpElements(Family, Table, "targets").Count);
        Assert.Equal(7, socket.DumpRules(Family, Table, "forward").Count);
    });

    [Fact]
    public void A_failing_transaction_changes_nothing_and_names_the_first_request() => TestNamespace.Run(ns =>
    {
        using var socket = NetlinkSocket.Open(NetlinkFamily.Netfilter);
        var batch = new TableBatch();
        batch.AddTable(Family, Table);
        var first = batch.DeleteSet(Family, Table, "nothing");
        batch.AddRule(new RuleMessage(Family, Table, "nowhere", [new Counter()]));

        var failure = Assert.Throws<NetlinkException>(() => socket.Send(batch));

        Assert.Equal(first, failure.RequestIndex);
        Assert.Equal(Errno.ENOENT, failure.Error);
        Assert.NotNull(failure.AttributeOffset);
        Assert.Equal(2, failure.Failures.Count);
        Assert.Empty(socket.DumpTables());
    });

    [Fact]
    public void Dumps_say_what_was_made() => TestNamespace.Run(ns =>
    {
        using var socket = NetlinkSocket.Open(NetlinkFamily.Netfilter);
        var batch = new TableBatch();
        CutTable.Create(batch, nodes: 2);
        socket.Send(batch);

        Assert.Equal(Table, Assert.Single(socket.DumpTables()).Name);
        var chain = Assert.Single(socket.DumpChains(Family));
        Assert.Equal(new ChainHook(Hook.Forward, ChainHook.BridgeFilter), chain.Hook);
        Assert.Equal(Verdict.Accept, chain.Policy);
        Assert.Equal(["sources", "targets", "cut"], socket.DumpSets(Family, Table).Where(s => !s.Flags.HasFlag(SetFlags.Anonymous)).Select(s => s.Name));
        var element = Assert.Single(socket.DumpElements(Family, Table, "cut"));
        Assert.Equal(SetValue.Concatenate(SetValue.Number(1), SetValue.Number(2)), element.Key);
        var rules = socket.DumpRules(Family, Table, "forward");
        Assert.Equal("the cut", rules[4].Comment);
        Assert.Equal(
            [new MetaLoad(MetaKey.InputName), new Lookup("sources") { Destination = Register.Register1 }, new MetaStore(MetaKey.Mark)],
            rules[2].Expressions.AsEnumerable());

        batch.Clear();
        batch.DeleteRule(Family, Table, "forward", rules[4].Handle!.Value);
        batch.DeleteElements(Family, Table, "cut", element);
        batch.FlushElements(Family, Table, "sources");
        socket.Send(batch);
        Assert.Empty(socket.DumpElements(Family, Table, "cut"));
        Assert.Empty(socket.DumpElements(Family, Table, "sources"));
        Assert.Equal(6, socket.DumpRules(Family, Table, "forward").Count);
        batch.Clear();
        batch.DeleteTable(Family, Table);
        socket.Send(batch);
        Assert.Empty(socket.DumpTables());
    });

    [Fact]
    public void A_transaction_that_does_not_fit_says_so() => TestNamespace.Run(ns =>
    {
        using var socket = NetlinkSocket.Open(NetlinkFamily.Netfilter);
        var batch = new TableBatch();
        batch.AddTable(Family, Table);
        batch.AddSet(SetMessage.Set(Family, Table, "marks", SetType.Mark));
        using (var writer = batch.BeginElements(Family, Table, "marks"))
        {
            for (uint i = 0; batch.Length <= socket.LargestTransaction; i++)
                writer.Add(SetValue.Number(i).Span);
        }

        var failure = Assert.Throws<NetlinkException>(() => socket.Send(batch));

        Assert.Equal(Errno.EMSGSIZE, failure.Error);
        Assert.Contains("wmem_max", failure.Message, StringComparison.Ordinal);
        Assert.Empty(socket.DumpTables());
    });

    [Fact]
    public void The_cut_counts_what_it_drops() => TestNamespace.Run(ns =>
    {
        using var left = ns.Another();
        using var right = ns.Another();
        using var route = NetlinkSocket.Open(NetlinkFamily.Route);
        var links = new RouteBatch();
        links.AddLink(new LinkMessage { Index = 100, Name = "br0", Up = true, Settings = new BridgeSettings { ForwardDelay = 0, MulticastSnooping = false } });
        AddPort(links, 1, (int)left.DangerousGetHandle());
        AddPort(links, 2, (int)right.DangerousGetHandle());
        route.Send(links);
        foreach (var (other, last) in new[] { (left, 1), (right, 2) })
        {
            using var socket = ns.In(other, () => NetlinkSocket.Open(NetlinkFamily.Route));
            var node = new RouteBatch();
            // No IPv6 address, or else its multicast memberships are counted, too.
            node.SetLink(new LinkMessage { Index = 2, Inet6 = new Inet6LinkSettings { AddressGeneration = AddressGenerationMode.None } });
            node.SetLinkUp(2);
            node.AddAddress(AddressMessage.For(2, new System.Net.IPAddress([172, 23, 0, (byte)last]), 24));
            socket.Send(node);
        }

        Assert.Equal(IPStatus.Success, ns.In(left, () => Ping("172.23.0.2")));
        using var tables = NetlinkSocket.Open(NetlinkFamily.Netfilter);
        var batch = new TableBatch();
        CutTable.Create(batch, nodes: 2);
        tables.Send(batch);
        Assert.Equal(IPStatus.TimedOut, ns.In(left, () => Ping("172.23.0.2")));
        Assert.Equal(1ul, tables.DumpRules(Family, Table, "forward")[4].Counter?.Packets);

        batch.Clear();
        batch.FlushElements(Family, Table, "cut");
        tables.Send(batch);
        Assert.Equal(IPStatus.Success, ns.In(left, () => Ping("172.23.0.2")));
    });

    private static void AddPort(RouteBatch batch, int number, int other) => batch.AddLink(new LinkMessage
    {
        Index = 100 + number,
        Name = $"p{number}",
        Up = true,
        Master = 100,
        Settings = new VethSettings { Peer = new LinkMessage { Index = 2, Name = "eth0", NetnsFd = other } },
    });

    private static IPStatus Ping(string address)
    {
        using var process = Process.Start(new ProcessStartInfo("ping", ["-n", "-c1", "-W1", address]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? IPStatus.Success : IPStatus.TimedOut;
    }
}
