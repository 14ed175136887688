using System.Text;
using Cleave.Scenarios;

namespace Cleave.Tests.Scenarios;

public class CommandOutputTests
{
    [Fact]
    public void What_was_printed_in_pieces_is_one_text()
    {
        CommandOutput output = Of(100, "one\ntw", "o é\n");
        Assert.Null(output.TryText(out string text));
        Assert.Equal("one\ntwo é\n", text);
        Assert.Equal(["one", "two é"], output.LastLines());
    }

    [Fact]
    public void A_character_cut_in_two_is_whole_again()
    {
        byte[] bytes = Encoding.UTF8.GetBytes("é");
        var output = new CommandOutput(10, null);
        output.Write(bytes.AsSpan(0, 1));
        output.Write(bytes.AsSpan(1));
        Assert.Null(output.TryText(out string text));
        Assert.Equal("é", text);
    }

    [Fact]
    public void So_much_as_the_limit_is_text_and_one_byte_more_is_refused()
    {
        Assert.Null(Of(5, "12345").TryText(out _));
        Assert.Equal("printed 6 bytes: more than 5, which is the limit", Of(5, "123456").TryText(out string text));
        Assert.Equal("", text);
        Assert.Equal("printed 10 bytes: more than 5, which is the limit", Of(5, "12345", "67890").TryText(out _));
    }

    [Fact]
    public void A_NUL_is_refused_with_its_place() =>
        Assert.Equal("printed a NUL character (byte 3), which no variable and no argument can hold", Of(10, "ab\0c").TryText(out _));

    [Theory]
    [InlineData(new byte[] { 0x61, 0xff, 0x62 }, "printed what is not UTF-8 (byte 2 is 0xff)")]
    [InlineData(new byte[] { 0xc3, 0xa9, 0xc3 }, "printed what is not UTF-8 (byte 3 is 0xc3)")]
    [InlineData(new byte[] { 0xed, 0xa0, 0x80 }, "printed what is not UTF-8 (byte 1 is 0xed)")]
    public void What_is_not_UTF_8_is_refused_with_its_place(byte[] bytes, string trouble)
    {
        var output = new CommandOutput(10, null);
        output.Write(bytes);
        Assert.Equal(trouble, output.TryText(out _));
    }

    [Fact]
    public void However_much_is_printed_its_end_is_shown()
    {
        var output = new CommandOutput(10, null);
        for (int i = 0; i < 100_000; i++)
        {
            output.Write(Encoding.UTF8.GetBytes($"line {i}\n"));
        }

        Assert.Equal(10, output.LastLines().Count);
        Assert.Equal("line 99999", output.LastLines()[^1]);
        output.Write(Encoding.UTF8.GetBytes(new string('x', 1_000_000) + "\nthe end"));
        Assert.Equal("the end", output.LastLines()[^1]);
    }

    [Fact]
    public void Lines_are_shown_without_what_moves_the_cursor() => Assert.Equal([@"a\u001B[2Jb"], Of(10, "a\e[2Jb\n").LastLines());

    [Fact]
    public void Every_line_is_told_and_the_end_is_known()
    {
        var lines = new List<string>();
        var output = new CommandOutput(3, lines.Add);
        output.Write("one\ntwo"u8);
        Assert.False(output.Ended.IsCompleted);
        output.Write([]);
        Assert.True(output.Ended.IsCompleted);
        Assert.Equal(["one", "two"], lines);
    }

    private static CommandOutput Of(int limit, params string[] pieces)
    {
        var output = new CommandOutput(limit, null);
        foreach (string piece in pieces)
        {
            output.Write(Encoding.UTF8.GetBytes(piece));
        }

        return output;
    }
}
