using System.Text;
using Cleave.Control;

namespace Cleave.Tests.Control;

public class PlainHttpTests
{
    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello")]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-length:5\r\nX: y\r\n\r\nhello, and what is not the answer's", 200, "hello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n", 200, "hello")]
    [InlineData("HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n", 200, "0123456789")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200, "")]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello", 200, "hello")]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", 204, "")]
    [InlineData("HTTP/1.1 409 Conflict\r\nContent-Length: 6\r\n\r\nü😀", 409, "ü😀")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 404, "")]
    [InlineData("HTTP/1.0 500\r\n\r\n", 500, "")]
    public void Every_framing_is_read_however_it_arrives(string answer, int status, string body)
    {
        foreach (int atATime in (int[])[1, 2, 7, int.MaxValue])
        {
            Assert.Equal(new PlainAnswer(status, body), PlainHttp.Read(new Drops(Encoding.UTF8.GetBytes(answer), atATime)));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nno header\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH\r\n\r\n")]
    public void What_is_cut_off_or_no_HTTP_is_refused(string answer) =>
        Assert.Throws<IOException>(() => PlainHttp.Read(new Drops(Encoding.UTF8.GetBytes(answer), 3)));

    [Fact]
    public void A_line_without_end_is_refused() =>
        Assert.Throws<IOException>(() => PlainHttp.Read(new Drops(Encoding.UTF8.GetBytes("HTTP/1.1 200 " + new string('x', 1 << 20)), 1 << 14)));

    [Fact]
    public void A_long_body_is_read_whole()
    {
        string body = string.Concat(Enumerable.Range(0, 40_000).Select(n => $"{n} "));
        Assert.Equal(body, PlainHttp.Read(new Drops(Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}"), 4096)).Body);
    }

    [Fact]
    public void A_question_says_its_length_in_bytes_its_version_and_that_it_is_the_last()
    {
        var stream = new Conversation("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        PlainHttp.Ask(stream, "POST", "/faults", "\"ü\"");
        Assert.Equal(
            $"POST /faults HTTP/1.1\r\nHost: lab\r\nConnection: close\r\nCleave-Version: {CleaveVersion.Current}\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\n\"ü\"",
            stream.Said);
    }

    /// <summary>Gives no more than so many bytes at a time.</summary>
    private sealed class Drops(byte[] content, int atATime) : MemoryStream(content)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, atATime));
    }

    private sealed class Conversation(string answer) : MemoryStream(Encoding.UTF8.GetBytes(answer))
    {
        public string Said { get; private set; } = "";

        public override void Write(ReadOnlySpan<byte> buffer) => Said += Encoding.UTF8.GetString(buffer);

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
    }
}
