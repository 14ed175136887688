using Cleave.Names;

namespace Cleave.Tests.Names;

public class NameForwardingTests
{
    private const ushort Id = 0xabcd;

    [Fact]
    public void A_question_goes_out_under_another_number_its_letters_as_they_were_and_with_what_we_take()
    {
        byte[] asked = Wire.Query("wWw.eXample", DnsType.Aaaa, flags: 0x0110);
        Assert.Equal(Convert.ToHexString(Wire.Query("wWw.eXample", DnsType.Aaaa, Id, 0x0110, edns: 4096)).Replace("8000000000", "", StringComparison.Ordinal)[..58],
            Convert.ToHexString(Forwarding(asked, 4096).Question())[..58]);
        Assert.Equal("0000291000000000000000", Convert.ToHexString(Forwarding(asked, 4096).Question()[^11..]));
        Assert.Equal("00002904D0000080000000", Convert.ToHexString(Forwarding(Wire.Query("www.example", DnsType.A, edns: 512), 1232).Question()[^11..])); // the bit DO as it was
    }

    [Fact]
    public void Only_an_answer_to_the_question_is_taken_for_one()
    {
        NameForwarding forwarding = Forwarding(Wire.Query("www.example", DnsType.A));
        byte[] good = Wire.Answer(forwarding.Question(), 0x8180, 1, Wire.A("198.51.100.1"), edns: true);
        Assert.True(forwarding.IsAnswer(good));
        Assert.True(forwarding.IsAnswer(Wire.Answer(Wire.Query("WWW.example", DnsType.A, Id), 0x8180, 0, [], edns: false)));
        byte[][] bad =
        [
            [], good[..11], good[..20], [0, 0, .. good[2..]],
            Wire.Answer(Wire.Query("wwx.example", DnsType.A, Id), 0x8180, 0, [], edns: false),
            Wire.Answer(Wire.Query("www.example", DnsType.Aaaa, Id), 0x8180, 0, [], edns: false),
            Wire.Answer(Wire.Query("www.example", DnsType.A, Id, kind: 3), 0x8180, 0, [], edns: false),
            Wire.Answer(forwarding.Question(), 0x0100, 0, [], edns: false), // a question itself
            [0xab, 0xcd, 0x81, 0x80, 0, 0, 0, 0, 0, 0, 0, 0], // no question
        ];
        Assert.All(bad, b => Assert.False(forwarding.IsAnswer(b), Convert.ToHexString(b)));
        Assert.True(forwarding.IsAnswer([0xab, 0xcd, 0x81, 0x85, 0, 0, 0, 0, 0, 0, 0, 0]), "who refuses may leave the question out");
    }

    [Fact]
    public void An_asker_that_does_not_know_edns_gets_none()
    {
        NameForwarding plain = Forwarding(Wire.Query("www.example", DnsType.A));
        byte[] answer = Wire.Answer(plain.Question(), 0x8180, 1, Wire.A("198.51.100.1"), edns: true);
        byte[] passed = plain.ForAsker(answer);
        Assert.Equal(Convert.ToHexString(Wire.Answer(Wire.Query("www.example", DnsType.A), 0x8180, 1, Wire.A("198.51.100.1"), edns: false)), Convert.ToHexString(passed));

        NameForwarding knows = Forwarding(Wire.Query("www.example", DnsType.A, edns: 1232));
        Assert.Equal(Convert.ToHexString([0x12, 0x34, .. answer[2..]]), Convert.ToHexString(knows.ForAsker(answer)));
    }

    [Theory]
    [InlineData(0x8180, false, false)]
    [InlineData(0x8183, false, false)] // no such name is an answer
    [InlineData(0x8182, true, false)]
    [InlineData(0x8185, true, false)]
    [InlineData(0x8380, false, true)]
    public void Another_server_is_asked_if_this_one_is_no_help_and_by_tcp_if_it_has_more(int flags, bool failed, bool truncated)
    {
        byte[] answer = Wire.Answer(Wire.Query("www.example", DnsType.A, Id), (ushort)flags, 0, [], edns: false);
        Assert.Equal((failed, truncated), (NameForwarding.HasFailed(answer), NameForwarding.IsTruncated(answer)));
    }

    [Fact]
    public void No_answer_is_too_broken()
    {
        var random = new Random(5353);
        NameForwarding forwarding = Forwarding(Wire.Query("www.example", DnsType.A));
        byte[] good = Wire.Answer(forwarding.Question(), 0x8180, 2, [.. Wire.A("198.51.100.1"), .. Wire.A("198.51.100.2")], edns: true);
        int taken = 0;
        for (int i = 0; i < 100_000; i++)
        {
            byte[] answer = [.. good];
            for (int changes = random.Next(4); changes > 0; changes--)
            {
                answer[random.Next(2, answer.Length)] = (byte)random.Next(256);
            }

            answer = answer[..random.Next(answer.Length / 2, answer.Length + 1)];
            if (forwarding.IsAnswer(answer))
            {
                taken++;
                Assert.Equal([0x12, 0x34], forwarding.ForAsker(answer)[..2]);
            }
        }

        Assert.InRange(taken, 1000, 99_000);
    }

    private static NameForwarding Forwarding(byte[] asked, int size = 1232) => new(DnsQuery.Read(asked, out _)!, Id, size);
}
