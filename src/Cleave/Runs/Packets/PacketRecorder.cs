using System.Globalization;
using Cleave.Linux;

namespace Cleave.Runs.Packets;

/// <summary>Records what the nodes send and receive, on a thread of its own.</summary>
internal sealed class PacketRecorder : IDisposable
{
    /// <summary>Bytes kept of a node, and of all together.</summary>
    private const long MostOfNode = 16 << 20, MostOfAll = 256 << 20, LeastOfNode = 1 << 20;

    private const int LoopbackHardware = 772;
    private const int AtOnce = 256; // packets of one node before the others have their turn
    private const int Patience = 50; // ms

    private readonly List<Tap> _taps = [];
    private readonly Epoll _epoll = new(64);
    private readonly Action<string, string> _tell;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(PcapNg.MostBytes);
    private readonly Thread _thread;
    private volatile bool _stopping;

    /// <summary>Begins to record.</summary>
    /// <param name="folder">Where to; made if it is missing.</param>
    /// <param name="nodes">Their names.</param>
    /// <param name="open">Opens a socket in the network namespace of a node by its number.</param>
    /// <param name="tell">Told of a node whose packets are recorded no more, and why.</param>
    /// <exception cref="LinuxException">A node's packets cannot be seen.</exception>
    public PacketRecorder(string folder, IReadOnlyList<string> nodes, Func<int, PacketSocket> open, Action<string, string> tell)
    {
        _tell = tell;
        Directory.CreateDirectory(folder);
        long kept = Math.Clamp(MostOfAll / nodes.Count, LeastOfNode, MostOfNode);
        foreach ((int number, string node) in nodes.Index())
        {
            PacketSocket socket = open(number);
            _taps.Add(new Tap(node, socket, new PacketRing(Path.Combine(folder, node + ".pcapng"), $"cleave {CleaveVersion.Current}", kept)));
            _epoll.Watch(socket.Fd, Epoll.In, number);
        }

        _thread = new Thread(Run) { IsBackground = true, Name = "packets" };
        _thread.Start();
    }

    /// <summary>Ends it; what has come by now is written.</summary>
    public void Dispose()
    {
        if (_stopping)
        {
            return;
        }

        _stopping = true;
        _thread.Join();
        _taps.ForEach(t => t.Dispose());
    }

    private void Run()
    {
        while (!_stopping)
        {
            int count = _epoll.Wait(Patience);
            for (int i = 0; i < count; i++)
            {
                Take(_taps[(int)_epoll[i].Number], AtOnce);
            }
        }

        foreach (Tap tap in _taps)
        {
            Take(tap, int.MaxValue);
            tap.Finish();
        }
    }

    private void Take(Tap tap, int most)
    {
        try
        {
            for (int i = 0; i < most && tap.Socket.Receive(_buffer) is { } met; i++)
            {
                if (met.Hardware != LoopbackHardware || !met.IsOutgoing) // on the loopback each comes in, too
                {
                    tap.Add(met, _buffer.AsSpan(0, Math.Min(met.Length, _buffer.Length)));
                }
            }

            if (tap.Ring.Flush() is var errno and not 0)
            {
                _tell(tap.Node, string.Create(CultureInfo.InvariantCulture, $"its packets are recorded no more: {System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(errno)}"));
            }
        }
        catch (LinuxException e)
        {
            _tell(tap.Node, $"its packets are recorded no more: {e.Message}");
            _epoll.Forget(tap.Socket.Fd);
        }
    }

    private sealed class Tap(string node, PacketSocket socket, PacketRing ring) : IDisposable
    {
        private readonly Dictionary<int, int> _links = []; // by their index in the node

        private long _last;

        public string Node => node;

        public PacketSocket Socket => socket;

        public PacketRing Ring => ring;

        public void Add(PacketMet met, ReadOnlySpan<byte> bytes)
        {
            if (!_links.TryGetValue(met.Link, out int link))
            {
                _links[met.Link] = link = ring.Add(socket.NameOf(met.Link), met.Hardware);
            }

            _last = met.Nanoseconds;
            ring.Add(new SeenPacket(link, met.Nanoseconds, met.IsOutgoing, met.Length), bytes);
        }

        /// <summary>The kernel counts what it had no room for by socket; it stands with the first link.</summary>
        public void Finish()
        {
            (uint received, uint dropped) = socket.Statistics();
            ring.AddStatistics(0, _last, received, dropped);
            _ = ring.Flush();
        }

        public void Dispose()
        {
            socket.Dispose();
            ring.Dispose();
        }
    }
}
