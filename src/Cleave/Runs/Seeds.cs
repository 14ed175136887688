using System.Globalization;
using System.Text;
using Cleave.Topology;

namespace Cleave.Runs;

/// <summary>One number from which everything random of a run is drawn.</summary>
public static class Seeds
{
    /// <summary>A new one, 0 to 2147483646.</summary>
    public static int New() => Random.Shared.Next();

    /// <summary>The seed of one of several repetitions: of the first the seed itself.</summary>
    public static int Of(int seed, int repetition) => (int)(((long)seed + repetition) % int.MaxValue);

    /// <summary>What a step draws: it depends on nothing that runs beside it, and is the same in every version.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="scenario">The scenario's name.</param>
    /// <param name="at">Where the step stands.</param>
    /// <param name="time">How many times it has drawn before.</param>
    /// <returns>0 to 2147483647.</returns>
    internal static int Draw(int seed, string scenario, Location at, int time)
    {
        ulong hash = Hash(string.Create(CultureInfo.InvariantCulture, $"{seed} {scenario} {at.Line}:{at.Column} {time}"));

        // The last characters have moved the lower bits alone: mixed as MurmurHash3 does at its end.
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
        hash ^= hash >> 33;
        return (int)(hash & int.MaxValue);
    }

    /// <summary>FNV-1a of 64 bits over the text in UTF-8: the same in every version, and without a library of ciphers.</summary>
    internal static ulong Hash(string text)
    {
        ulong hash = 0xcbf29ce484222325;
        foreach (byte part in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ part) * 0x100000001b3;
        }

        return hash;
    }
}
