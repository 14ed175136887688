using System.Diagnostics;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests.Storm;

/// <summary>
/// Many small labs, and at random moments KILL, STOP and CONT to all that belongs to them, on a machine with something wrong. `./build.sh storm` runs
/// it for as long as one likes; docs/kill-storms.md says what it found. CLEAVE_STORM_KILLS, CLEAVE_SEED and CLEAVE_STORM_ROUND: how many, the same
/// again, and from which round.
/// </summary>
public sealed class StormTests(ITestOutputHelper output) : KernelTest
{
    [Fact]
    public async Task Nothing_is_left_and_nothing_hangs_after_a_storm_of_kills()
    {
        int wanted = Setting("CLEAVE_STORM_KILLS", 30);
        var most = TimeSpan.FromSeconds(Setting("CLEAVE_STORM_SECONDS", 60));
        int seed = Setting("CLEAVE_SEED", Random.Shared.Next());
        output.WriteLine($"CLEAVE_SEED={seed}");
        CleaveCommand cleave = NewLab(Round.Lab, "/var/tmp");
        (Trouble[] troubles, string[] missing) = await Weather.SurveyAsync(cleave);
        Array.ForEach(missing, m => output.WriteLine($"cannot be tried here: {m}"));
        string network = MachineState.HostNetwork();
        string mounts = MachineState.Mounts();
        var wrong = new List<string>();
        (int rounds, int kills, int stops) = (0, 0, 0);
        var weathers = new SortedDictionary<Trouble, (int Rounds, int Bitten)>();
        long start = Stopwatch.GetTimestamp();
        for (int number = Setting("CLEAVE_STORM_ROUND", 0); kills < wanted && Stopwatch.GetElapsedTime(start) < most; number++)
        {
            var random = new Random(unchecked((seed * 486187739) + number));
            Trouble trouble = random.Next(2) == 0 ? Trouble.None : troubles[random.Next(troubles.Length)];
            using var round = new Round(cleave, Runtime, random, trouble);
            IReadOnlyList<string> found = await round.RunAsync();
            (rounds, kills, stops) = (rounds + 1, kills + round.Kills, stops + round.Stops);
            (int Rounds, int Bitten) before = weathers.GetValueOrDefault(trouble);
            weathers[trouble] = (before.Rounds + 1, before.Bitten + (round.HasBitten ? 1 : 0));
            if (MachineState.HostNetwork() != network || MachineState.Mounts() != mounts)
            {
                found = [.. found, "the host's network or mounts are not what they were"];
            }

            if (found.Count > 0)
            {
                wrong.Add($"seed {seed}, round {number}: {round.Story}\n{string.Join('\n', found)}");
                output.WriteLine(wrong[^1]);
            }

            if (rounds % 25 == 0)
            {
                output.WriteLine($"{rounds} rounds, {kills} kills, {stops} stops, {wrong.Count} rounds with something wrong, {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s");
            }
        }

        output.WriteLine($"{rounds} rounds, {kills} kills, {stops} stops, {wrong.Count} rounds with something wrong, {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s");
        output.WriteLine($"rounds by trouble, and those in which nothing was killed and the start failed: {string.Join(", ", weathers.Select(w => $"{w.Key} {w.Value.Rounds} ({w.Value.Bitten})"))}");
        await cleave.OkAsync("up", "-d");
        await cleave.OkAsync("check");
        await cleave.OkAsync("test");
        await cleave.OkAsync("down");
        Assert.True(wrong.Count == 0, string.Join("\n\n", wrong));
        Assert.True(rounds < 10 || kills >= Math.Min(wanted, 5), $"only {kills} kills");
    }
}
