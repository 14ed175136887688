using System.Buffers;
using System.Buffers.Binary;
using Cleave.Runs.Packets;

namespace Cleave.Tests.Runs.Packets;

/// <summary>Packets in files, as draft-ietf-opsawg-pcapng has them: tshark and capinfos have read such files.</summary>
public sealed class PcapNgTests : IDisposable
{
    private const uint Section = 0x0A0D0D0A, Link = 1, Statistics = 5, Packet = 6;

    private readonly string _folder = Directory.CreateTempSubdirectory("cleave-packets-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_packet_has_its_link_its_time_its_direction_and_its_length()
    {
        var output = new ArrayBufferWriter<byte>();
        PcapNg.WritePacket(output, new SeenPacket(1, 0x1122334455667788, true, 1500), [1, 2, 3, 4, 5]);
        Assert.Equal(
            "06000000" + "34000000" + "01000000" + "44332211" + "88776655" + "05000000" + "DC050000" // kind, length, link, time in two halves, bytes here, bytes seen
            + "0102030405000000" + "02000400" + "02000000" + "00000000" + "34000000", // filled up to four; the option of the direction; the end of options; the length again
            Convert.ToHexString(output.WrittenSpan));
    }

    [Fact]
    public void A_file_names_its_links_and_says_in_nanoseconds()
    {
        var output = new ArrayBufferWriter<byte>();
        PcapNg.WriteHeader(output, "cleave");
        PcapNg.WriteLink(output, "eth0", 1);
        PcapNg.WriteLink(output, "tun0", 65534);
        PcapNg.WriteStatistics(output, 1, 5, 10, 2);
        (uint Kind, byte[] Body)[] blocks = [.. Blocks(output.WrittenSpan.ToArray())];
        Assert.Equal([Section, Link, Link, Statistics], blocks.Select(b => b.Kind));
        Assert.Equal("4D3C2B1A" + "01000000" + "FFFFFFFFFFFFFFFF" + "04000600" + "636C65617665" + "0000" + "00000000", Convert.ToHexString(blocks[0].Body));
        Assert.Equal("01000000" + "00000400" + "02000400" + "65746830" + "09000100" + "09000000" + "00000000", Convert.ToHexString(blocks[1].Body));
        Assert.Equal(101, blocks[2].Body[0]); // LINKTYPE_RAW
        Assert.Equal("01000000" + "00000000" + "05000000" + "04000800" + "0A00000000000000" + "05000800" + "0200000000000000" + "00000000", Convert.ToHexString(blocks[3].Body));
    }

    [Fact]
    public void Of_many_packets_the_newest_are_kept_in_one_file_with_all_links()
    {
        string path = Path.Combine(_folder, "a.pcapng");
        const int Kept = 64 << 10;
        using (var ring = new PacketRing(path, "cleave", Kept))
        {
            Assert.Equal(0, ring.Add("eth0", 1));
            for (int i = 0; i < 2000; i++)
            {
                if (i == 1990)
                {
                    Assert.Equal(1, ring.Add("eth1", 1));
                }

                ring.Add(new SeenPacket(i >= 1990 ? 1 : 0, i, false, 100), new byte[100]);
                Assert.Equal(0, ring.Flush());
            }
        }

        Assert.InRange(new FileInfo(path).Length + new FileInfo(PacketRing.Older(path)).Length, Kept / 2, Kept + 1000);
        PacketRing.Join(path);
        Assert.False(File.Exists(PacketRing.Older(path)));
        (uint Kind, byte[] Body)[] blocks = [.. Blocks(File.ReadAllBytes(path))];
        Assert.Equal([Section, Link, Link, Packet], blocks.Take(4).Select(b => b.Kind));
        long[] times = [.. blocks.Skip(3).Select(b => (long)BinaryPrimitives.ReadUInt32LittleEndian(b.Body.AsSpan(8)))];
        Assert.Equal(Enumerable.Range(2000 - times.Length, times.Length).Select(i => (long)i), times);
        Assert.True(times.Length > 200, $"{times.Length}");
    }

    [Fact]
    public void What_was_cut_off_in_the_middle_is_joined_up_to_there()
    {
        var older = new ArrayBufferWriter<byte>();
        PcapNg.WriteHeader(older, "cleave");
        PcapNg.WriteLink(older, "eth0", 1);
        PcapNg.WritePacket(older, new SeenPacket(0, 1, false, 3), [1, 2, 3]);
        byte[] whole = older.WrittenSpan.ToArray();
        for (int length = 0; length <= whole.Length; length++)
        {
            using var joined = new MemoryStream();
            PcapNg.Join(new MemoryStream(whole[..length]), new MemoryStream(whole), joined);
            Assert.Equal(length == whole.Length ? 4 : 3, Blocks(joined.ToArray()).Count());
        }
    }

    private static IEnumerable<(uint Kind, byte[] Body)> Blocks(byte[] file)
    {
        for (int at = 0; at < file.Length;)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at + 4));
            Assert.Equal(0, length % 4);
            Assert.Equal(length, BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at + length - 4)));
            yield return (BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at)), file[(at + 8)..(at + length - 4)]);
            at += length;
        }
    }
}
