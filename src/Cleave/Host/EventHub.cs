using System.Threading.Channels;
using Cleave.Control;
using Cleave.Runs;

namespace Cleave.Host;

/// <summary>
/// Everything that happens in a lab, to everyone who listens. Late listeners get the past as far as it is remembered, slow ones lose lines; both are
/// told how many. What is kept for them is bounded in events and in characters, however much the programs print.
/// </summary>
/// <param name="clock">What the times are from.</param>
/// <param name="mask">What nobody may read.</param>
/// <param name="run">What is recorded of it; null: nothing.</param>
internal sealed class EventHub(TimeProvider clock, SecretMask? mask = null, RunOrder? run = null) : IDisposable
{
    /// <summary>Events that are remembered, and lines that may wait for one listener: what a program prints while the command that starts the lab connects.</summary>
    private const int MostEvents = 20_000;

    /// <summary>What the lab says itself is little, and remembered longer than what its programs print.</summary>
    private const int MostOfStory = 1000;

    /// <summary>Characters of what is printed, in both.</summary>
    private const int MostCharacters = 4 << 20;

    private readonly Lock _lock = new();
    private readonly Queue<LabEvent> _past = new();
    private readonly Queue<LabEvent> _story = new(); // before the past
    private long _characters; // of the past
    private int _forgotten;
    private readonly List<Listener> _listeners = [];
    private readonly long _began = run?.Began ?? clock.GetTimestamp();
    private readonly RunLock? _recording = run is null ? null : RunLock.Hold(run.LockFile);
    private EventFile? _file = run is null ? null : new(run.Events);
    private bool _closed;

    /// <summary>Seconds since the run, or the lab, began.</summary>
    public double At => clock.GetElapsedTime(_began).TotalSeconds;

    public void Publish(EventKind kind, string? node, string text, StepMark? step = null) =>
        Publish(new LabEvent(default, kind, node, text) { Step = step });

    /// <summary>Publishes what has happened now, whatever time it has.</summary>
    public void Publish(LabEvent now)
    {
        lock (_lock)
        {
            LabEvent happened = (mask ?? SecretMask.None).Apply(now with { Time = clock.GetUtcNow(), At = Math.Round(At, 6) });
            string text = happened.Text;
            if (happened.Kind != EventKind.Log)
            {
                _file?.Add(happened);
            }

            _past.Enqueue(happened);
            _characters += text.Length;
            while (_past.Count > MostEvents || (_characters > MostCharacters && _past.Count > 1))
            {
                Forget(_past.Dequeue());
            }

            foreach (Listener listener in _listeners)
            {
                listener.Offer(happened);
            }
        }
    }

    /// <summary>All that happens, until the lab ends or the listener is disposed.</summary>
    /// <param name="past">Whether the newest past comes first.</param>
    public Listener Listen(bool past = true)
    {
        lock (_lock)
        {
            var listener = new Listener(this);
            if (past)
            {
                listener.Begin(_story, _forgotten, _past);
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

    public void Dispose()
    {
        lock (_lock)
        {
            _file?.Dispose();
            _file = null; // something may happen even now
            _recording?.Dispose();
        }
    }

    private void Forget(LabEvent oldest)
    {
        _characters -= oldest.Text.Length;
        if (oldest.Kind is EventKind.Log or EventKind.Probe)
        {
            _forgotten++;
            return;
        }

        _story.Enqueue(oldest);
        if (_story.Count > MostOfStory)
        {
            _story.Dequeue();
        }
    }

    internal sealed class Listener(EventHub hub) : IDisposable
    {
        private readonly Channel<LabEvent> _channel = Channel.CreateUnbounded<LabEvent>();
        private int _waiting;
        private long _waitingCharacters;
        private int _lost; // this and the next: under the hub's lock
        private DateTimeOffset _lastLost;

        public async IAsyncEnumerable<LabEvent> ReadAsync(
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
        {
            await foreach (LabEvent happened in _channel.Reader.ReadAllAsync(cancel))
            {
                Interlocked.Add(ref _waitingCharacters, -happened.Text.Length);
                if (Interlocked.Decrement(ref _waiting) == 0 && Volatile.Read(ref _lost) > 0)
                {
                    CaughtUp();
                }

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

        internal void Begin(IEnumerable<LabEvent> story, int forgotten, Queue<LabEvent> past)
        {
            WriteAll(story);
            if (forgotten > 0)
            {
                (_lost, _lastLost) = (forgotten, past.Peek().Time);
                TellOfLost();
            }

            WriteAll(past);
        }

        internal void Offer(LabEvent happened)
        {
            // What the lab says itself is little, and who waits for its end must not miss it.
            if (happened is { Kind: EventKind.Log or EventKind.Probe } or { Step.Name: null, Step: not null }
                && (Volatile.Read(ref _waiting) >= MostEvents || Volatile.Read(ref _waitingCharacters) >= MostCharacters))
            {
                (_lost, _lastLost) = (_lost + 1, happened.Time);
                return;
            }

            TellOfLost();
            Write(happened);
        }

        /// <summary>Nothing follows what has happened by now.</summary>
        public void End()
        {
            lock (hub._lock)
            {
                hub._listeners.Remove(this);
                Complete();
            }
        }

        internal void Complete()
        {
            TellOfLost();
            _channel.Writer.TryComplete();
        }

        /// <summary>Nothing may follow for long, and what is shown must not look complete until then.</summary>
        private void CaughtUp()
        {
            lock (hub._lock)
            {
                if (!hub._closed)
                {
                    TellOfLost();
                }
            }
        }

        private void TellOfLost()
        {
            if (_lost > 0)
            {
                Write(new LabEvent(_lastLost, EventKind.Lab, null, $"{_lost} {(_lost == 1 ? "line" : "lines")} not shown here; the log files have them"));
                _lost = 0;
            }
        }

        private void WriteAll(IEnumerable<LabEvent> events)
        {
            foreach (LabEvent happened in events)
            {
                Write(happened);
            }
        }

        private void Write(LabEvent happened)
        {
            Interlocked.Increment(ref _waiting);
            Interlocked.Add(ref _waitingCharacters, happened.Text.Length);
            _channel.Writer.TryWrite(happened);
        }
    }
}
