using System.Diagnostics;
using System.Net.Sockets;

namespace Cleave.Bench;

/// <summary>How much one connection carries.</summary>
internal static class TcpStream
{
    private const int Block = 128 << 10;

    /// <summary>Sends for so long, and counts what is received until the end.</summary>
    public static double GigabitsPerSecond(Socket from, Socket to, int milliseconds)
    {
        long start = Stopwatch.GetTimestamp();
        var sender = new Thread(() =>
        {
            byte[] block = new byte[Block];
            while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < milliseconds)
            {
                from.Send(block);
            }

            from.Shutdown(SocketShutdown.Send);
        });
        sender.Start();
        byte[] buffer = new byte[Block];
        long received = 0;
        while (to.Receive(buffer) is > 0 and var length)
        {
            received += length;
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        sender.Join();
        return received * 8 / seconds / 1e9;
    }
}
