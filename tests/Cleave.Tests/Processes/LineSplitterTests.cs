using System.Text;
using Cleave.Processes;

namespace Cleave.Tests.Processes;

public class LineSplitterTests
{
    private const int Longest = LineSplitter.LongestLine;

    [Fact]
    public void Lines_end_at_newlines_and_the_last_one_at_the_end()
    {
        Assert.Equal(["a", "", "b"], Split("a\n\nb\n"));
        Assert.Equal(["a", "b"], Split("a\nb"));
        Assert.Equal([], Split(""));
        Assert.Equal([""], Split("\n"));
    }

    [Fact]
    public void Carriage_returns_go_at_the_end_of_a_line_and_stay_inside() =>
        Assert.Equal(["a", "", "10%\r20%", "c"], Split("a\r\n\r\n10%\r20%\r\nc\r"));

    [Fact]
    public void Ending_twice_gives_nothing_more()
    {
        var lines = new List<string>();
        var splitter = new LineSplitter(lines.Add);
        splitter.Write("a"u8);
        splitter.Write([]);
        splitter.Write([]);
        Assert.Equal(["a"], lines);

        splitter.Write("b\n"u8);
        splitter.Write([]);
        Assert.Equal(["a", "b"], lines);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Longest - 1)]
    [InlineData(Longest)]
    public void A_line_up_to_the_limit_is_one_however_it_is_read(int length)
    {
        string line = new('x', length);
        foreach (int chunk in (int[])[1, 4096, Longest - 1, Longest, Longest + 1, 3 * Longest])
        {
            Assert.Equal([line, "next"], Split($"{line}\nnext\n", chunk));
        }
    }

    [Fact]
    public void A_longer_line_comes_in_pieces_none_longer_than_the_limit()
    {
        string line = new('x', (2 * Longest) + 1);
        Assert.Equal([line[..Longest], line[..Longest], "x", "next"], Split(line + "\nnext", 5000));
        Assert.Equal([line[..Longest], line[..Longest], "x", "next"], Split(line + "\nnext", int.MaxValue));
    }

    [Fact]
    public void A_character_on_the_limit_is_not_cut_in_two()
    {
        foreach (string character in (string[])["é", "€", "😀"])
        {
            for (int before = Longest - 5; before <= Longest; before++)
            {
                string line = new string('x', before) + character + "y";
                List<string> pieces = Split(line + "\n", 1000);
                Assert.Equal(line, string.Concat(pieces));
                Assert.All(pieces, p => Assert.InRange(Encoding.UTF8.GetByteCount(p), 1, Longest));
            }
        }
    }

    [Fact]
    public void A_carriage_return_at_the_end_of_a_piece_stays()
    {
        string line = new string('x', Longest - 1) + "\ry";
        Assert.Equal(line, string.Concat(Split(line + "\n")));
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_become_replacement_characters()
    {
        var lines = new List<string>();
        var splitter = new LineSplitter(lines.Add);
        splitter.Write([0xff, 0xfe, (byte)'a', 0xc3, (byte)'\n', 0xf0, 0x9f]);
        splitter.Write([]);

        Assert.Equal(["\ufffd\ufffda\ufffd", "\ufffd"], lines);
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_come_through_in_pieces_too()
    {
        foreach (byte hostile in (byte[])[0xff, 0x80, 0xc3, 0xf0, 0x00])
        {
            var pieces = new List<string>();
            var splitter = new LineSplitter(pieces.Add);
            splitter.Write([.. Enumerable.Repeat(hostile, (3 * Longest) + 7)]);
            splitter.Write([]);
            Assert.Equal((3 * Longest) + 7, pieces.Sum(p => p.Length));
        }
    }

    [Fact]
    public void Two_thousand_random_streams_give_the_same_lines_in_any_chunks()
    {
        for (int seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            byte[] stream = Stream(random, seed % 20 == 0 ? 4 * Longest : 300);
            var (whole, chunked) = (new List<string>(), new List<string>());
            Feed(new LineSplitter(whole.Add), stream, () => stream.Length);
            Feed(new LineSplitter(chunked.Add), stream, () => random.Next(1, random.Next(2) == 0 ? 4 : stream.Length + 1));
            Assert.True(whole.SequenceEqual(chunked), $"seed {seed}");
        }
    }

    private static byte[] Stream(Random random, int length)
    {
        byte[] letters = [(byte)'a', (byte)'b', (byte)'\r', 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xff];
        byte[] stream = random.GetItems(letters, random.Next(1, length));
        for (int newlines = random.Next(0, 10); newlines > 0; newlines--)
        {
            stream[random.Next(stream.Length)] = (byte)'\n';
        }

        return stream;
    }

    private static List<string> Split(string text, int chunk = 1)
    {
        var lines = new List<string>();
        Feed(new LineSplitter(lines.Add), Encoding.UTF8.GetBytes(text), () => chunk);
        return lines;
    }

    private static void Feed(LineSplitter splitter, ReadOnlySpan<byte> bytes, Func<int> chunk)
    {
        while (!bytes.IsEmpty)
        {
            int length = Math.Min(chunk(), bytes.Length);
            splitter.Write(bytes[..length]);
            bytes = bytes[length..];
        }

        splitter.Write([]);
    }
}
