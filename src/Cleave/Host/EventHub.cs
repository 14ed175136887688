using System.Threading.Channels;
using Cleave.Control;

namespace Cleave.Host;

/// <summary>Everything that happens in a lab, to everyone who listens. Late listeners get the newest past; slow ones lose lines and are told.</summary>
internal sealed class EventHub(TimeProvider clock)
{
    private const int Remembered = 2000;
    private const int Backlog = 20_000;

    private readonly Lock _lock = new();
    private readonly Queue<LabEvent> _past = new();
    private readonly List<Listener> _listeners = [];
    private bool _closed;

    public void Publish(EventKind kind, string? node, string text)
    {
        lock (_lock)
        {
            var happened = new LabEvent(clock.GetUtcNow(), kind, node, text);
            _past.Enqueue(happened);
            if (_past.Count > Remembered)
            {
                _past.Dequeue();
            }

            foreach (Listener listener in _listeners)
            {
                listener.Offer(happened);
            }
        }
    }

    /// <summary>The newest past and then all that happens, until the lab ends or the listener is disposed.</summary>
    public Listener Listen()
    {
        lock (_lock)
        {
            var listener = new Listener(this);
            foreach (LabEvent past in _past)
            {
                listener.Offer(past);
            }

            if (_closed)
            {
                listener.Complete();
            }

            _listeners.Add(listener);
            return listener;
        }
    }

    /// <summary>Ends every listener's stream after what was published before.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            _listeners.ForEach(l => l.Complete());
        }
    }

    internal sealed class Listener(EventHub hub) : IDisposable
    {
        private readonly Channel<LabEvent> _channel = Channel.CreateUnbounded<LabEvent>();
        private int _waiting;
        private int _lost; // this and the next: under the hub's lock
        private DateTimeOffset _lastLost;

        public async IAsyncEnumerable<LabEvent> ReadAsync(
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
        {
            await foreach (LabEvent happened in _channel.Reader.ReadAllAsync(cancel))
            {
                Interlocked.Decrement(ref _waiting);
                yield return happened;
            }
        }

        public void Dispose()
        {
            lock (hub._lock)
            {
                hub._listeners.Remove(this);
            }
        }

        internal void Offer(LabEvent happened)
        {
            // What the lab says itself is little, and who waits for its end must not miss it.
            if (happened.Kind == EventKind.Log && Volatile.Read(ref _waiting) >= Backlog)
            {
                (_lost, _lastLost) = (_lost + 1, happened.Time);
                return;
            }

            TellOfLost();
            Write(happened);
        }

        internal void Complete()
        {
            TellOfLost();
            _channel.Writer.TryComplete();
        }

        private void TellOfLost()
        {
            if (_lost > 0)
            {
                Write(new LabEvent(_lastLost, EventKind.Lab, null, $"{_lost} lines not shown here, the log files have them"));
                _lost = 0;
            }
        }

        private void Write(LabEvent happened)
        {
            Interlocked.Increment(ref _waiting);
            _channel.Writer.TryWrite(happened);
        }
    }
}
