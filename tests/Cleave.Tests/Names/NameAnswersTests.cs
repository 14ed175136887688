using System.Net;
using Cleave.Names;
using Cleave.Tests.Topology;

namespace Cleave.Tests.Names;

public class NameAnswersTests
{
    private static readonly LabNames Names = new(LabText.Valid(
        """
        cleave: 1
        networks:
          lan: {subnet: [172.23.0.0/24, "fd00:23::/64"]}
          wan: {subnet: 10.0.0.0/24}
        nodes:
          web: {ip: [172.23.0.1, "fd00:23::1"], aliases: [www, db.example.com], hostname: web.example.org}
          both: {ip: [10.0.0.2, 172.23.0.2]}
          far: {ip: 10.0.0.3}
        """));

    private const int Lan = 0;
    private const int Wan = 1;

    [Theory]
    [InlineData("web", "172.23.0.1", "172.23.0.1")]
    [InlineData("WEB.Lab", "172.23.0.1", "172.23.0.1")]
    [InlineData("www", "172.23.0.1", "172.23.0.1")]
    [InlineData("db.example.com", "172.23.0.1", "172.23.0.1")]
    [InlineData("web.example.org", "172.23.0.1", "172.23.0.1")]
    [InlineData("both", "172.23.0.1", "172.23.0.2")] // on the network that they share
    [InlineData("far", "172.23.0.1", "10.0.0.3")] // none is shared
    [InlineData("both", "172.23.0.2", "172.23.0.2 10.0.0.2")] // the network that it asks on first
    [InlineData("both", "192.0.2.9", "172.23.0.2")] // nobody of the lab
    [InlineData("fabric.lab", "172.23.0.1", "172.23.0.254")]
    public void A_name_of_the_lab_has_the_addresses_that_the_asker_reaches_best(string name, string from, string addresses)
    {
        byte[] reply = Reply(Wire.Query(name, DnsType.A), from: from);
        Assert.Equal(DnsCode.Success, Wire.Code(reply));
        Assert.Equal(addresses, string.Join(' ', Records(reply).Select(r => new IPAddress(r.Data))));
        Assert.Equal("12348580", Convert.ToHexString(reply[..4])); // the number, an answer with authority, as was wished
    }

    [Theory]
    [InlineData("web", (int)DnsType.Aaaa, "fd00:23::1")]
    [InlineData("web", (int)DnsType.Any, "172.23.0.1 fd00:23::1")]
    [InlineData("both", (int)DnsType.Aaaa, "")]
    [InlineData("web", 15, "")] // MX
    [InlineData("lab", (int)DnsType.A, "")] // what is above a name exists
    [InlineData("localhost", (int)DnsType.A, "127.0.0.1")]
    [InlineData("x.localhost", (int)DnsType.Aaaa, "::1")]
    public void Of_a_name_that_exists_only_that_type_is_told(string name, int type, string addresses)
    {
        byte[] reply = Reply(Wire.Query(name, (DnsType)type));
        Assert.Equal(DnsCode.Success, Wire.Code(reply));
        Assert.Equal(addresses, string.Join(' ', Records(reply).Where(r => r.Type != DnsType.Soa).Select(r => new IPAddress(r.Data))));
    }

    [Theory]
    [InlineData("nobody.lab")]
    [InlineData("x.web.lab")]
    [InlineData("nobody")]
    [InlineData("x.invalid")]
    [InlineData("x.onion")]
    [InlineData("9.0.23.172.in-addr.arpa")] // on a network of the lab, and nobody's
    public void A_name_that_only_the_lab_could_have_and_has_not_does_not_exist_and_nobody_is_asked(string name)
    {
        foreach (bool leadsOut in (bool[])[true, false])
        {
            Assert.Equal(DnsCode.NameError, Wire.Code(Reply(Wire.Query(name, DnsType.A), leadsOut: leadsOut)));
        }
    }

    [Theory]
    [InlineData("example.com")] // above a name of the lab's, but not the lab's
    [InlineData("www.example.net")]
    [InlineData("1.0.168.192.in-addr.arpa")]
    [InlineData("weblab")]
    public void Other_names_are_for_somebody_outside_and_in_a_sealed_lab_do_not_exist(string name)
    {
        Assert.IsType<NameAnswer.Forward>(Answer(Wire.Query(name, (DnsType)15), leadsOut: true));
        byte[] reply = Reply(Wire.Query(name, DnsType.A), leadsOut: false);
        Assert.Equal(name == "example.com" ? DnsCode.Success : DnsCode.NameError, Wire.Code(reply)); // RFC 8020: db.example.com is below
    }

    [Theory]
    [InlineData("1.0.23.172.in-addr.arpa", "web.lab")]
    [InlineData("254.0.23.172.in-addr.arpa", "fabric.lab")]
    [InlineData("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.3.2.0.0.0.0.d.f.ip6.arpa", "web.lab")]
    public void An_address_of_the_lab_has_a_name(string reverse, string name)
    {
        (DnsType type, byte[] data) = Assert.Single(Records(Reply(Wire.Query(reverse, DnsType.Ptr))));
        Assert.Equal((DnsType.Ptr, Convert.ToHexString(Wire.Name(name))), (type, Convert.ToHexString(data)));
        Assert.Empty(Records(Reply(Wire.Query(reverse, DnsType.A))));
    }

    [Fact]
    public void That_there_is_no_such_thing_below_lab_is_said_by_its_soa()
    {
        Assert.Equal([DnsType.Soa], Records(Reply(Wire.Query("nobody.lab", DnsType.A))).Select(r => r.Type));
        Assert.Equal([DnsType.Soa], Records(Reply(Wire.Query("web.lab", (DnsType)15))).Select(r => r.Type));
        Assert.Equal((0, 0, 0), Wire.Counts(Reply(Wire.Query("web", (DnsType)15))));
    }

    [Theory]
    [InlineData(0x2800, (int)DnsCode.NotImplemented)] // update
    [InlineData(0x0800, (int)DnsCode.NotImplemented)]
    public void Other_operations_are_not_implemented(int flags, int code) => Assert.Equal((DnsCode)code, Wire.Code(Reply(Wire.Query("web", DnsType.A, flags: (ushort)flags))));

    [Fact]
    public void What_cannot_be_answered_is_refused_and_answers_are_never_answered()
    {
        Assert.Equal(DnsCode.Refused, Wire.Code(Reply(Wire.Query("web", DnsType.A, kind: 3)))); // CHAOS
        Assert.Equal(DnsCode.Refused, Wire.Code(Reply(Wire.Query("lab", DnsType.Axfr))));
        Assert.IsType<NameAnswer.Silence>(Answer(Wire.Query("web", DnsType.A, flags: 0x8100)));
        Assert.IsType<NameAnswer.Silence>(Answer([1, 2, 3]));
        Assert.IsType<NameAnswer.Silence>(Answer([]));

        byte[] two = Wire.Query("web", DnsType.A);
        two[5] = 2;
        Assert.Equal(DnsCode.FormatError, Wire.Code(Reply(two)));
        Assert.Equal(DnsCode.FormatError, Wire.Code(Reply(Wire.Query("web", DnsType.A)[..14])));

        // EDNS of another version: the code is 16, whose upper bits are in the OPT record.
        byte[] other = Reply(Wire.Query("web", DnsType.A, edns: 1232, version: 1));
        Assert.Equal((DnsCode.Success, 1), (Wire.Code(other), other[^6]));
    }

    [Fact]
    public void Who_knows_edns_is_answered_with_it_and_others_are_not()
    {
        byte[] with = Reply(Wire.Query("web", DnsType.A, edns: 4096));
        Assert.Equal((1, 0, 1), Wire.Counts(with));
        Assert.Equal("00002904D0000080000000", Convert.ToHexString(with[^11..])); // 1232 bytes; the bit DO as it was
        Assert.Equal((1, 0, 0), Wire.Counts(Reply(Wire.Query("web", DnsType.A))));
    }

    [Fact]
    public void An_answer_too_long_for_a_datagram_says_only_that_it_is()
    {
        DnsQuery query = DnsQuery.Read(Wire.Query("web", DnsType.A), out _)!;
        byte[] many = DnsReply.Addresses(query, [.. Enumerable.Range(1, 31).Select(i => new IPAddress([10, 0, 0, (byte)i]))]);
        Assert.Equal(12 + 9 + (31 * 16), many.Length);
        byte[] fits = DnsReply.Fit(query, many[..512]);
        Assert.Equal(512, fits.Length);
        byte[] cut = DnsReply.Fit(query, many);
        Assert.Equal((0x02, 12 + 9, (0, 0, 0)), (cut[2] & 0x02, cut.Length, Wire.Counts(cut)));
        Assert.Same(many, DnsReply.Fit(query with { Edns = new Edns(1232, 0, false) }, many));
        Assert.Equal(1, DnsReply.Fit(query with { Edns = new Edns(100, 0, false) }, many)[11]); // less than 512 means 512
    }

    [Theory]
    [InlineData("web", (int)NameFault.Fail)]
    [InlineData("web.lab", (int)NameFault.Fail)]
    [InlineData("www", (int)NameFault.None)] // another name of the same
    [InlineData("a.example.com", (int)NameFault.Drop)]
    [InlineData("a.b.example.com", (int)NameFault.Drop)]
    [InlineData("example.com", (int)NameFault.None)]
    [InlineData("badexample.com", (int)NameFault.None)]
    [InlineData("both", (int)NameFault.Drop)] // both are said: silence wins
    public void Names_fail_one_by_one_or_below_another(string name, int fault)
    {
        var faults = new NameFaults(["web", "both"], ["*.example.com", "both"]);
        Assert.Equal((NameFault)fault, faults.Of(name));
        NameAnswer answer = Answer(Wire.Query(name, DnsType.A), leadsOut: true, faults: faults);
        Assert.Equal(fault == (int)NameFault.Drop, answer is NameAnswer.Silence);
        Assert.Equal(fault == (int)NameFault.Fail, answer is NameAnswer.Reply reply && Wire.Code(reply.Message) == DnsCode.ServerFailure);
    }

    /// <summary>Whatever comes in, in whatever way it is broken, something comes of it.</summary>
    [Fact]
    public void No_message_is_too_broken()
    {
        var random = new Random(1053);
        byte[][] seeds =
        [
            Wire.Query("web.lab", DnsType.A, edns: 1232), Wire.Query("a.very.long.name.of.many.labels.example.com", DnsType.Aaaa),
            Wire.Query("1.0.23.172.in-addr.arpa", DnsType.Ptr, edns: 512), new byte[12], new byte[512], [.. Enumerable.Repeat((byte)0xc0, 300)],
        ];
        int replies = 0;
        for (int i = 0; i < 100_000; i++)
        {
            byte[] message = [.. seeds[random.Next(seeds.Length)]];
            for (int changes = random.Next(1, 8); changes > 0; changes--)
            {
                message[random.Next(message.Length)] = random.Next(3) == 0 ? (byte)0xc0 : (byte)random.Next(256);
            }

            message = message[..random.Next(message.Length + 1)];
            switch (Answer(message, leadsOut: i % 2 == 0))
            {
                case NameAnswer.Reply reply:
                    replies++;
                    Assert.Equal(message[..2], reply.Message[..2]);
                    Assert.True((reply.Message[2] & 0x80) != 0, "it says that it is an answer");
                    break;
                case NameAnswer.Forward forward:
                    Assert.True(new NameForwarding(forward.Query, 7, 1232).Question().Length < 512);
                    break;
            }
        }

        Assert.InRange(replies, 1000, 99_000);
    }

    private static NameAnswer Answer(byte[] message, bool leadsOut = false, string from = "172.23.0.1", NameFaults? faults = null) =>
        new NameAnswers(Names, leadsOut).Answer(message, from.StartsWith("10.", StringComparison.Ordinal) ? Wan : Lan, IPAddress.Parse(from), faults ?? NameFaults.None);

    private static byte[] Reply(byte[] message, bool leadsOut = false, string from = "172.23.0.1") =>
        Assert.IsType<NameAnswer.Reply>(Answer(message, leadsOut, from)).Message;

    private static List<(DnsType Type, byte[] Data)> Records(byte[] message)
    {
        int at = 12;
        Assert.True(DnsName.TryRead(message, ref at, out _));
        at += 4;
        var records = new List<(DnsType, byte[])>();
        while (at < message.Length)
        {
            Assert.True(DnsRecord.TryRead(message, ref at, out DnsRecord record));
            int begin = record.At + (message[record.At] >= 0xc0 ? 2 : 1 + message[record.At..].ToList().IndexOf(0)) + 10;
            records.Add((record.Type, message[begin..record.End]));
        }

        return [.. records.Where(r => r.Item1 != DnsType.Opt)];
    }
}
