using System.Globalization;
using System.Text;

namespace Cleave.Control;

/// <summary>
/// One question and its answer in HTTP/1.1 (RFC 9112) over a stream. HttpClient takes four times as long to start as an empty program; commands
/// that ask one question do without it.
/// </summary>
internal static class PlainHttp
{
    private const int LongestLine = 16 * 1024;

    /// <summary>Sends a request that is the last on its connection, and reads the answer.</summary>
    /// <param name="stream">The connection.</param>
    /// <param name="method">GET or POST.</param>
    /// <param name="path">What is asked for, with the slash it begins with.</param>
    /// <param name="body">JSON, or empty.</param>
    /// <exception cref="IOException">The answer is cut off, or is not one.</exception>
    public static PlainAnswer Ask(Stream stream, string method, string path, string body)
    {
        byte[] content = Encoding.UTF8.GetBytes(body);
        string head =
            $"{method} {path} HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n{CleaveVersion.Header}: {CleaveVersion.Current}\r\n" +
            (method == "GET" ? "\r\n" : $"Content-Type: application/json\r\nContent-Length: {content.Length.ToString(CultureInfo.InvariantCulture)}\r\n\r\n");
        stream.Write([.. Encoding.ASCII.GetBytes(head), .. content]);
        return Read(stream);
    }

    /// <summary>Reads an answer, of whatever framing: by length, in chunks, or to the end.</summary>
    /// <exception cref="IOException">It is cut off, or is not one.</exception>
    internal static PlainAnswer Read(Stream stream)
    {
        var reader = new Reader(stream);
        int status;
        string? length;
        bool chunked;
        do
        {
            status = Status(reader.Line());
            (length, chunked) = Framing(reader);
        }
        while (status is >= 100 and < 200);

        byte[] body = status is 204 or 304 ? []
            : chunked ? reader.Chunks()
            : length is null ? reader.Rest()
            : int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? reader.Exactly(count)
            : throw Broken($"its length is '{length}'");
        return new PlainAnswer(status, Encoding.UTF8.GetString(body));
    }

    private static int Status(string line) =>
        line.Length >= 12 && line.StartsWith("HTTP/1.", StringComparison.Ordinal) && line[8] == ' '
        && int.TryParse(line.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out int status)
            ? status
            : throw Broken($"it begins with '{line}'");

    private static (string? Length, bool Chunked) Framing(Reader reader)
    {
        string? length = null;
        bool chunked = false;
        while (reader.Line() is { Length: > 0 } line)
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string name = colon < 0 ? throw Broken($"a header is '{line}'") : line[..colon];
            string value = line[(colon + 1)..].Trim(' ', '\t');
            if (name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                length = value;
            }
            else if (name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase))
            {
                chunked = value.Equals("chunked", StringComparison.OrdinalIgnoreCase) ? true : throw Broken($"its transfer encoding is '{value}'");
            }
        }

        return (length, chunked);
    }

    private static IOException Broken(string what) => new($"the answer is not one of HTTP: {what}");

    private sealed class Reader(Stream stream)
    {
        private readonly byte[] _buffer = new byte[8 * 1024];
        private int _start;
        private int _end;

        /// <summary>Up to the next line feed, without it and the carriage return before it.</summary>
        public string Line()
        {
            var line = new StringBuilder();
            while (true)
            {
                if (_start == _end && !Fill())
                {
                    throw new IOException("the answer is cut off");
                }

                char next = (char)_buffer[_start++];
                if (next == '\n')
                {
                    return line.ToString().TrimEnd('\r');
                }

                if (line.Append(next).Length > LongestLine)
                {
                    throw Broken("a line of it has no end");
                }
            }
        }

        public byte[] Exactly(int count)
        {
            var body = new MemoryStream();
            while (body.Length < count)
            {
                if (_start == _end && !Fill())
                {
                    throw new IOException("the answer is cut off");
                }

                int taken = (int)Math.Min(count - body.Length, _end - _start);
                body.Write(_buffer, _start, taken);
                _start += taken;
            }

            return body.ToArray();
        }

        public byte[] Rest()
        {
            var body = new MemoryStream();
            do
            {
                body.Write(_buffer, _start, _end - _start);
                _start = _end;
            }
            while (Fill());
            return body.ToArray();
        }

        public byte[] Chunks()
        {
            var body = new MemoryStream();
            while (true)
            {
                string size = Line().Split(';')[0].Trim();
                if (!int.TryParse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int count) || count < 0)
                {
                    throw Broken($"the size of a chunk is '{size}'");
                }

                if (count == 0)
                {
                    while (Line().Length > 0)
                    {
                        // Trailers, which nobody needs.
                    }

                    return body.ToArray();
                }

                body.Write(Exactly(count));
                if (Line().Length > 0)
                {
                    throw Broken("a chunk is longer than it says");
                }
            }
        }

        private bool Fill()
        {
            _start = 0;
            _end = stream.Read(_buffer, 0, _buffer.Length);
            return _end > 0;
        }
    }
}

/// <summary>An answer in HTTP.</summary>
/// <param name="Status">200 and so on.</param>
/// <param name="Body">Its content, from UTF-8.</param>
internal sealed record PlainAnswer(int Status, string Body);
