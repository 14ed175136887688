using Cleave.Netlink.Tables;
using Cleave.Netlink.Tests.Captures;
using Cleave.Netlink.Wire;

namespace Cleave.Netlink.Tests.Tables;

public sealed class TableBatchTests
{
    private const TableFamily Family = TableFamily.Bridge;
    private const string Table = "cleave";

    /// <summary>What nft sends, and our way to the very same bytes.</summary>
    public static TheoryData<string, string> Requests => new(
        Calls.Select(call => (call.Key, call.Value.Capture)));

    private static Dictionary<string, (string Capture, Action<TableBatch> Call)> Calls { get; } = new()
    {
        ["add table"] = (RulesetCaptures.AddTable, b => b.AddTable(Family, Table)),
        ["add chain"] = (RulesetCaptures.AddChain, b => b.AddChain(ChainMessage.Filter(Family, Table, "forward", Hook.Forward, ChainHook.BridgeFilter))),
        ["add regular chain"] = (TableCaptures.AddRegularChain, b => b.AddChain(new ChainMessage(Family, "t", "sub"))),
        ["add map"] = (RulesetCaptures.AddMap, b => b.AddSet(SetMessage.Map(Family, Table, "sources", SetType.InterfaceName, SetType.Mark))),
        ["add class map"] = (
            RulesetCaptures.AddClassMap,
            b => b.AddSet(SetMessage.Map(Family, Table, "targets", SetType.InterfaceName, SetType.ClassId) with { Id = 2 })),
        ["add verdict map"] = (
            TableCaptures.AddVerdictMap,
            b => b.AddSet(SetMessage.Map(Family, "t", "vm", SetType.InterfaceName, SetType.Verdict) with { Id = 6 })),
        ["add map rule"] = (RulesetCaptures.AddMapRule, b => AddRule(
            b,
            new MetaLoad(MetaKey.InputName),
            new Lookup("sources") { Destination = Register.Register1, SetId = 1 },
            new MetaStore(MetaKey.Mark))),
        ["add protocol rule"] = (RulesetCaptures.AddProtocolRule, b => AddRule(
            b,
            new MetaLoad(MetaKey.Protocol),
            new Lookup("__set%d") { SetId = 4, Inverted = true },
            new Immediate(Verdict.Accept))),
        ["add clear rule"] = (RulesetCaptures.AddClearRule, b => AddRule(b, new Immediate(SetValue.Number(0)), new MetaStore(MetaKey.Mark))),
        ["add commented rule"] = (TableCaptures.AddCommentedRule, b => b.AddRule(new RuleMessage(
            Family,
            "t",
            "f",
            [new PayloadLoad(PayloadBase.Link, 12, 2), new Lookup("__set%d") { SetId = 12, Inverted = true }, new Counter()])
        { Comment = "hi" })),
        ["add nat chain"] = (
            UplinkCaptures.AddNatChain,
            b => b.AddChain(ChainMessage.Nat(TableFamily.Inet, "cleave-uplink", "postrouting", Hook.Postrouting, ChainHook.SourceNat))),
        ["add masquerade rule"] = (UplinkCaptures.AddMasqueradeRule, b => b.AddRule(new RuleMessage(
            TableFamily.Inet,
            "cleave-uplink",
            "postrouting",
            [new MetaLoad(MetaKey.OutputName), new Compare(Comparison.Equal, SetValue.InterfaceName("up0")), new Masquerade()]))),
        ["delete table"] = (TableCaptures.DeleteTable, b => b.DeleteTable(Family, "t")),
        ["flush chain"] = (TableCaptures.FlushChain, b => b.FlushRules(Family, Table, "forward")),
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_request_is_the_bytes_that_nft_sends(string name, string capture)
    {
        var batch = new TableBatch();
        Calls[name].Call(batch);
        Assert.Equal(Convert.ToHexString(Capture.Request(capture)), Convert.ToHexString(batch.Bytes[batch.OffsetOf(0)..]));
    }

    [Theory]
    [InlineData(RulesetCaptures.AddMapRule)]
    [InlineData(RulesetCaptures.AddProtocolRule)]
    [InlineData(RulesetCaptures.AddDiscoveryRule)]
    [InlineData(RulesetCaptures.AddCutRule)]
    [InlineData(RulesetCaptures.AddClearRule)]
    [InlineData(TableCaptures.AddCommentedRule)]
    [InlineData(TableCaptures.AddVerdictMapRule)]
    [InlineData(TableCaptures.AddUpdateRule)]
    [InlineData(TableCaptures.AddMaskRule)]
    [InlineData(UplinkCaptures.AddMasqueradeRule)]
    public void A_rule_that_nft_sends_has_no_unknown_step_and_is_encoded_as_it_was(string capture)
    {
        var rule = RuleMessage.Decode(Capture.Payload(capture));
        Assert.DoesNotContain(rule.Expressions, e => e is OtherExpression);
        Assert.All(rule.Expressions, e => Assert.Empty(e.Unknown));
        var encoded = Capture.Encode(rule.Encode);
        Assert.Equal(rule, RuleMessage.Decode(encoded));
        Assert.Equal(Capture.Payload(capture).Length, encoded.Length);
    }

    /// <summary>This nft leaves out what a mask is for (NFTA_BITWISE_OP), which newer kernels ask for.</summary>
    [Fact]
    public void The_state_of_a_connection_is_read_as_nft_sends_it() => Assert.Equal<Expression>(
        [
            new MetaLoad(MetaKey.InputName),
            new Compare(Comparison.Equal, SetValue.InterfaceName("up0")),
            new ConnectionLoad(ConnectionKey.State),
            new Bitwise(SetValue.Number((uint)(ConnectionStates.Established | ConnectionStates.Related)), SetValue.Number(0)),
            new Compare(Comparison.NotEqual, SetValue.Number(0)),
            new Immediate(Verdict.Accept),
        ],
        RuleMessage.Decode(Capture.Payload(UplinkCaptures.AddStateRule)).Expressions);

    [Theory]
    [InlineData(RulesetCaptures.AddMap)]
    [InlineData(RulesetCaptures.AddClassMap)]
    [InlineData(RulesetCaptures.AddSet)]
    [InlineData(TableCaptures.AddDynamicSet)]
    [InlineData(TableCaptures.AddVerdictMap)]
    public void A_set_that_nft_sends_is_encoded_as_it_was(string capture) =>
        Assert.Equal(Capture.Payload(capture), Capture.Encode(SetMessage.Decode(Capture.Payload(capture)).Encode));

    [Theory]
    [InlineData(RulesetCaptures.AddElements)]
    [InlineData(RulesetCaptures.AddSetElement)]
    [InlineData(TableCaptures.AddVerdicts)]
    [InlineData(TableCaptures.AddIntervals)]
    public void Elements_that_nft_sends_survive_decoding_and_encoding(string capture)
    {
        var list = ElementListMessage.Decode(Capture.Payload(capture));
        Assert.NotEmpty(list.Elements);
        Assert.Equal(list, ElementListMessage.Decode(Capture.Encode(list.Encode)));
    }

    [Fact]
    public void Elements_mean_this()
    {
        Assert.Equal(
            [
                new SetElement(SetValue.InterfaceName("p1")) { Data = SetValue.Number(1) },
                new SetElement(SetValue.InterfaceName("p2")) { Data = SetValue.Number(2) },
            ],
            ElementListMessage.Decode(Capture.Payload(RulesetCaptures.AddElements)).Elements.AsEnumerable());
        Assert.Equal(
            [Verdict.Accept, Verdict.Jump("sub")],
            ElementListMessage.Decode(Capture.Payload(TableCaptures.AddVerdicts)).Elements.Select(e => e.Verdict!.Value));
        Assert.Equal(
            SetValue.Concatenate(SetValue.Number(1), SetValue.Number(SetValue.ClassId(0, 2))),
            Assert.Single(ElementListMessage.Decode(Capture.Payload(RulesetCaptures.AddSetElement)).Elements).Key);
    }

    [Fact]
    public void The_cut_reads_two_adjacent_words() => Assert.Equal(
        [
            new MetaLoad(MetaKey.Mark),
            new MetaLoad(MetaKey.Priority, Register.Word1),
            new Lookup("cut") { SetId = 3 },
            new Counter(),
            new Immediate(Verdict.Drop),
        ],
        RuleMessage.Decode(Capture.Payload(RulesetCaptures.AddCutRule)).Expressions
            .Select(e => e is Lookup lookup ? lookup with { SetId = 3 } : e));

    [Fact]
    public void A_concatenated_type_has_six_bits_for_each_part()
    {
        var set = SetMessage.Decode(Capture.Payload(RulesetCaptures.AddSet));
        var ours = SetMessage.Set(Family, Table, "cut", SetType.Concatenate(SetType.Mark, SetType.ClassId));
        Assert.Equal(set.KeyType, ours.KeyType);
        Assert.Equal(set.KeyLength, ours.KeyLength);
        // nft also notes, for itself, that the type was written as a type.
        Assert.True(set.UserData.Span.StartsWith(ours.UserData.Span));
    }

    [Fact]
    public void Many_elements_make_several_requests_none_longer_than_the_format_allows()
    {
        var batch = new TableBatch();
        using (var writer = batch.BeginElements(Family, Table, "sources"))
        {
            for (uint i = 0; i < 5000; i++)
                writer.Add(SetValue.InterfaceName($"p{i}").Span, SetValue.Number(i).Span);
        }

        var messages = new MessageReader(batch.Bytes);
        Assert.True(messages.Read(out _));
        uint next = 0;
        while (messages.Read(out var message))
        {
            foreach (var element in ElementListMessage.Decode(message.Payload).Elements)
                Assert.Equal(SetValue.Number(next++), element.Data);
        }

        Assert.Equal(5000u, next);
        Assert.Equal(4, batch.Count);
    }

    [Fact]
    public void A_batch_can_be_added_to_and_cleared_after_it_was_sent()
    {
        var batch = new TableBatch();
        batch.AddTable(Family, Table);
        var before = batch.Bytes.ToArray();
        batch.Number(100);
        var once = batch.Datagram(0, 1).ToArray();
        batch.Number(100);
        Assert.Equal(once, batch.Datagram(0, 1));
        batch.Clear();
        batch.AddTable(Family, Table);
        Assert.Equal(before, batch.Bytes);
        batch.Number(100);
        batch.AddTable(Family, Table);
        batch.Number(100);
        Assert.Equal(once.Length + before.Length - 20, batch.Datagram(0, 2).Length);
    }

    private static void AddRule(TableBatch batch, params ReadOnlySpan<Expression> expressions) =>
        batch.AddRule(new RuleMessage(Family, Table, "forward", ValueList.Create(expressions)));
}
