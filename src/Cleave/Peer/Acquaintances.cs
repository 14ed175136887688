using System.Collections.Immutable;

namespace Cleave.Peer;

/// <summary>
/// Whom a peer hears, and who hears it: what datagrams and the passing of time make of that, and the log line for every change.
/// Pure: the caller brings the time (any clock that does not go back) and takes the lines.
/// </summary>
internal sealed class Acquaintances(ImmutableArray<string> others, TimeSpan silence)
{
    private readonly ImmutableArray<Acquaintance> _all = [.. others.Select(name => new Acquaintance(name))];

    private bool _heardEveryone;

    /// <summary>Those heard now, in the order given.</summary>
    public ImmutableArray<string> Heard => [.. _all.Where(a => a.Heard).Select(a => a.Name)];

    /// <summary>A greeting arrived. Somebody unknown is ignored.</summary>
    /// <param name="from">Who greets.</param>
    /// <param name="hearsMe">Whether it says that it hears this peer.</param>
    /// <param name="now">The time of arrival.</param>
    /// <param name="log">Takes the lines.</param>
    public void Greeted(string from, bool hearsMe, TimeSpan now, Action<string> log)
    {
        if (_all.FirstOrDefault(a => a.Name == from) is not { } other)
            return;

        if (!other.Heard)
        {
            log(other.LastHeard is { } last ? $"found {from} after {Seconds(now - last)}" : $"hear {from}");
            other.Heard = true;
            other.HearsMe = null;
            other.Since = now;
        }

        other.LastHeard = now;
        if (hearsMe)
        {
            other.HearsMe = true;
            if (other.SaidDeaf)
                log($"{from} hears me again");
            other.SaidDeaf = false;
        }
        else if (!other.SaidDeaf && (other.HearsMe is true || now - other.Since >= silence))
        {
            // Who has just been heard or found needs a moment to hear this peer, too.
            other.HearsMe = false;
            other.SaidDeaf = true;
            log($"{from} does not hear me");
        }

        if (_all.All(a => a.Heard && a.HearsMe is true))
        {
            if (!_heardEveryone)
                log("hear everyone, and everyone hears me");
            _heardEveryone = true;
        }
    }

    /// <summary>Time has passed: those silent for too long are lost.</summary>
    /// <param name="now">The time.</param>
    /// <param name="log">Takes the lines.</param>
    public void Tick(TimeSpan now, Action<string> log)
    {
        foreach (var other in _all)
        {
            if (other.Heard && other.LastHeard is { } last && now - last >= silence)
            {
                other.Heard = false;
                other.HearsMe = null;
                log($"lost {other.Name} (silent for {Seconds(now - last)})");
            }

            _heardEveryone &= other.Heard && other.HearsMe is true;
        }
    }

    internal static string Seconds(TimeSpan time) => $"{time.TotalSeconds:0.0} s";

    private sealed class Acquaintance(string name)
    {
        public string Name => name;

        public bool Heard { get; set; }

        public TimeSpan? LastHeard { get; set; }

        /// <summary>When it was heard for the first time, or found.</summary>
        public TimeSpan Since { get; set; }

        /// <summary>By its own word; null: it could not know yet.</summary>
        public bool? HearsMe { get; set; }

        /// <summary>The log's last word about it is that it does not hear this peer.</summary>
        public bool SaidDeaf { get; set; }
    }
}
