using Cleave.Linux;

namespace Cleave.Ports;

/// <summary>The one thread that moves what goes through published ports (epoll(7)); nothing on it waits.</summary>
internal sealed class PortLoop
{
    /// <summary>Descriptors that the rest of the lab host may need.</summary>
    private const int Reserve = 512;

    private const int Capacity = 256;
    private const int Tick = 1000; // milliseconds

    private readonly Epoll _epoll = new(Capacity);
    private readonly Dictionary<long, Watched> _watched = [];
    private readonly Queue<Watched> _again = new();
    private readonly Lock _lock = new();
    private readonly int _mostConnections;
    private readonly Func<long> _clock;
    private long _last;

    /// <summary>Begins.</summary>
    /// <param name="openFiles">How many descriptors the process may have.</param>
    /// <param name="clock">The time in milliseconds; null: that of the machine.</param>
    public PortLoop(int openFiles, Func<long>? clock = null)
    {
        _clock = clock ?? (static () => Environment.TickCount64);

        // Two sockets, and two pipes for what one side does not take.
        _mostConnections = Math.Max(16, (openFiles - Reserve) / 6);
        new Thread(Run, maxStackSize: 1 << 20) { IsBackground = true, Name = "ports" }.Start();
    }

    /// <summary>The time, in milliseconds.</summary>
    public long Now => _clock();

    /// <summary>Connections that are open.</summary>
    public int Connections { get; private set; }

    /// <summary>Whether one more may be; otherwise they wait in the queue of the port.</summary>
    public bool HasRoom => Connections < _mostConnections;

    public PipePool Pipes { get; } = new();

    /// <summary>What every datagram is read into.</summary>
    public byte[] Buffer { get; } = GC.AllocateArray<byte>(Datagrams.Longest, pinned: true);

    /// <summary>Begins to watch a descriptor.</summary>
    /// <exception cref="LinuxException">The machine does not let it.</exception>
    public void Add(Watched what, uint events)
    {
        lock (_lock)
        {
            what.Number = ++_last;
            _watched.Add(what.Number, what);
        }

        _epoll.Watch(what.Fd, events, what.Number);
    }

    /// <summary>Begins to watch a descriptor; false if the machine does not let it.</summary>
    public bool TryAdd(Watched what, uint events)
    {
        try
        {
            Add(what, events);
            return true;
        }
        catch (LinuxException)
        {
            return false; // too many are watched, or memory is short
        }
    }

    /// <summary>Watches a descriptor for something else.</summary>
    public void Change(Watched what, uint events) => _epoll.Change(what.Fd, events, what.Number);

    /// <summary>Closes what is watched; nothing happens to it any more.</summary>
    public void Close(Watched what)
    {
        lock (_lock)
        {
            _watched.Remove(what.Number);
        }

        _epoll.Forget(what.Fd);
        what.Descriptor.Dispose();
    }

    /// <summary>Lets it go on later, when the others have had their turn.</summary>
    public void Requeue(Watched what) => _again.Enqueue(what);

    public void Count(int connections) => Connections += connections;

    private void Run()
    {
        long tick = Now;
        bool isQuiet = true; // nobody wants to know of the time
        while (true)
        {
            int count = _epoll.Wait(_again.Count > 0 ? 0 : isQuiet ? -1 : Tick);
            isQuiet &= count == 0;
            for (int i = 0; i < count; i++)
            {
                (long number, uint events) = _epoll[i];
                Find(number)?.Happened(events);
            }

            for (int i = _again.Count; i > 0; i--)
            {
                _again.Dequeue().GoOn();
            }

            if (Now - tick >= Tick)
            {
                tick = Now;
                Watched[] ticking = Ticking();
                isQuiet = ticking.Length == 0;
                foreach (Watched watched in ticking)
                {
                    watched.Ticked(tick);
                }
            }
        }
    }

    private Watched? Find(long number)
    {
        lock (_lock)
        {
            return _watched.GetValueOrDefault(number);
        }
    }

    private Watched[] Ticking()
    {
        lock (_lock)
        {
            return [.. _watched.Values.Where(w => w.Ticks)];
        }
    }
}

/// <summary>A descriptor that the loop watches. All is called on its thread.</summary>
internal abstract class Watched(Descriptor descriptor)
{
    public Descriptor Descriptor => descriptor;

    public int Fd => descriptor.Fd;

    public long Number { get; set; }

    /// <summary>Whether it wants to know that a second has passed.</summary>
    public virtual bool Ticks => false;

    /// <summary>The descriptor can be read or written, or has failed.</summary>
    public abstract void Happened(uint events);

    /// <summary>Its turn has come again.</summary>
    public virtual void GoOn()
    {
    }

    /// <summary>About a second has passed.</summary>
    public virtual void Ticked(long now)
    {
    }
}
