using Cleave.Netlink.Tables;
using Cleave.Netlink.Wire;

namespace Cleave.KernelTests.Netlink;

/// <summary>The ruleset that cuts by classes of nodes, as the faults will make it.</summary>
internal static class CutTable
{
    public const string Listing = """
        table bridge cleave {
        	map sources {
        		type ifname : mark
        		elements = { "p1" : 0x00000001,
        			     "p2" : 0x00000002 }
        	}

        	map targets {
        		type ifname : classid
        		elements = { "p1" : 0:1,
        			     "p2" : 0:2 }
        	}

        	set cut {
        		type mark . classid
        		elements = { 0x00000001 . 0:2 }
        	}

        	set drops {
        		type ifname . ifname
        		size 1024
        		flags dynamic
        	}

        	map verdicts {
        		type ifname : verdict
        		elements = { "p1" : accept,
        			     "p2" : jump other }
        	}

        	set addresses {
        		type ipv4_addr . ether_addr . inet_service
        		elements = { 172.23.0.1 . 02:00:00:00:00:01 . 80 }
        	}

        	chain forward {
        		type filter hook forward priority filter; policy accept;
        		meta protocol != { ip, ip6 } accept
        		icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert, nd-redirect } accept
        		meta mark set iifname map @sources
        		meta priority set oifname map @targets
        		meta mark . meta priority @cut counter packets 0 bytes 0 drop comment "the cut"
        		meta mark set 0x00000000
        		meta priority set none
        	}

        	chain other {
        		update @drops { iifname . oifname counter }
        		meta mark & 0x000000ff == 0x00000010 return
        		iifname vmap @verdicts
        	}
        }

        """;

    private const TableFamily Family = TableFamily.Bridge;
    private const string Table = "cleave";
    private const string Chain = "forward";

    public static void Create(TableBatch batch, int nodes)
    {
        batch.AddTable(Family, Table);
        batch.AddChain(ChainMessage.Filter(Family, Table, Chain, Hook.Forward, ChainHook.BridgeFilter));
        AddSetsAndRules(batch, nodes);
    }

    public static void Replace(TableBatch batch, int nodes)
    {
        batch.FlushRules(Family, Table, Chain);
        batch.DeleteSet(Family, Table, "sources");
        batch.DeleteSet(Family, Table, "targets");
        batch.DeleteSet(Family, Table, "cut");
        AddSetsAndRules(batch, nodes);
    }

    public static void AddOtherSets(TableBatch batch)
    {
        batch.AddSet(SetMessage.Set(Family, Table, "drops", SetType.Concatenate(SetType.InterfaceName, SetType.InterfaceName)) with
        {
            Flags = SetFlags.Dynamic,
            Size = 1024,
        });
        batch.AddChain(new ChainMessage(Family, Table, "other"));
        batch.AddSet(SetMessage.Map(Family, Table, "verdicts", SetType.InterfaceName, SetType.Verdict));
        batch.AddElements(
            Family,
            Table,
            "verdicts",
            new SetElement(SetValue.InterfaceName("p1")) { Verdict = Verdict.Accept },
            new SetElement(SetValue.InterfaceName("p2")) { Verdict = Verdict.Jump("other") });
        batch.AddSet(SetMessage.Set(
            Family,
            Table,
            "addresses",
            SetType.Concatenate(SetType.IPv4Address, SetType.EthernetAddress, SetType.InternetService)));
        batch.AddElements(
            Family,
            Table,
            "addresses",
            new SetElement(SetValue.Concatenate([172, 23, 0, 1], [2, 0, 0, 0, 0, 1], SetValue.Port(80))));
        AddRule(batch, "other", new MetaLoad(MetaKey.InputName), new MetaLoad(MetaKey.OutputName, Register.Register2), new DynamicSet("drops") { Stateful = new Counter() });
        AddRule(
            batch,
            "other",
            new MetaLoad(MetaKey.Mark),
            new Bitwise(SetValue.Number(0xff), SetValue.Number(0)),
            new Compare(Comparison.Equal, SetValue.Number(0x10)),
            new Immediate(Verdict.Return));
        AddRule(batch, "other", new MetaLoad(MetaKey.InputName), new Lookup("verdicts") { Destination = Register.Verdict });
    }

    private static void AddSetsAndRules(TableBatch batch, int nodes)
    {
        batch.AddSet(SetMessage.Map(Family, Table, "sources", SetType.InterfaceName, SetType.Mark));
        AddNodes(batch, "sources", nodes);
        batch.AddSet(SetMessage.Map(Family, Table, "targets", SetType.InterfaceName, SetType.ClassId));
        AddNodes(batch, "targets", nodes);
        batch.AddSet(SetMessage.Set(Family, Table, "cut", SetType.Concatenate(SetType.Mark, SetType.ClassId)));
        batch.AddElements(Family, Table, "cut", new SetElement(SetValue.Concatenate(SetValue.Number(1), SetValue.Number(SetValue.ClassId(0, 2)))));

        var ip = batch.AddAnonymousSet(Family, Table, SetType.EtherType, SetValue.Port(0x0800), SetValue.Port(0x86dd));
        AddRule(batch, Chain, new MetaLoad(MetaKey.Protocol), ip with { Inverted = true }, new Immediate(Verdict.Accept));
        var discovery = batch.AddAnonymousSet(Family, Table, SetType.Icmpv6Type, [133], [134], [135], [136], [137]);
        AddRule(
            batch,
            Chain,
            new MetaLoad(MetaKey.Protocol),
            new Compare(Comparison.Equal, SetValue.Port(0x86dd)),
            new MetaLoad(MetaKey.TransportProtocol),
            new Compare(Comparison.Equal, [58]),
            new PayloadLoad(PayloadBase.Transport, Offset: 0, Length: 1),
            discovery,
            new Immediate(Verdict.Accept));
        AddRule(batch, Chain, new MetaLoad(MetaKey.InputName), new Lookup("sources") { Destination = Register.Register1 }, new MetaStore(MetaKey.Mark));
        AddRule(batch, Chain, new MetaLoad(MetaKey.OutputName), new Lookup("targets") { Destination = Register.Register1 }, new MetaStore(MetaKey.Priority));
        batch.AddRule(new RuleMessage(
            Family,
            Table,
            Chain,
            [new MetaLoad(MetaKey.Mark), new MetaLoad(MetaKey.Priority, Register.Word1), new Lookup("cut"), new Counter(), new Immediate(Verdict.Drop)])
        {
            Comment = "the cut",
        });
        AddRule(batch, Chain, new Immediate(SetValue.Number(0)), new MetaStore(MetaKey.Mark));
        AddRule(batch, Chain, new Immediate(SetValue.Number(0)), new MetaStore(MetaKey.Priority));
    }

    private static void AddNodes(TableBatch batch, string map, int nodes)
    {
        using var elements = batch.BeginElements(Family, Table, map);
        Span<byte> key = stackalloc byte[SetValue.InterfaceNameSize];
        for (uint i = 1; i <= nodes; i++)
        {
            SetValue.WriteInterfaceName(key, $"p{i}");
            elements.Add(key, BitConverter.GetBytes(i));
        }
    }

    private static void AddRule(TableBatch batch, string chain, params ReadOnlySpan<Expression> expressions) =>
        batch.AddRule(new RuleMessage(Family, Table, chain, ValueList.Create(expressions)));
}
