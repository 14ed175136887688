using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>Somebody sets the machine's clock, as time synchronisation and sleeping laptops do. What waits must not go by it.</summary>
public sealed class ClockTests : KernelTest
{
    private const string Nodes = "cleave: 1\nnodes:\n  a: {ip: 172.23.0.1, run: [sleep, '1000'], ready: {run: 'true'}}\n  b: {ip: 172.23.0.2}\n";
    private static readonly string[] Jumps = ["+400d", "-400d", "+20y", "-3h", "+0"];

    [Fact]
    public async Task A_lab_started_in_the_future_is_found_cut_entered_and_ended_in_the_past()
    {
        CleaveCommand cleave = NewLab(Nodes);
        FakeTheClock(cleave);
        Set(cleave, "+400d");
        await cleave.OkAsync("up", "-d");
        Set(cleave, "-400d");
        Assert.Contains(Path.GetFileName(cleave.Folder), await cleave.OkAsync("ps", "--all"), StringComparison.Ordinal);
        await cleave.OkAsync("isolate", "a");
        Assert.Equal($"{DateTime.UtcNow.AddDays(-400):yyyy-MM}", await cleave.InAsync("a", "date -u +%Y-%m")); // the jump is seen inside, too
        Assert.Equal(1, (await cleave.RunAsync("exec", "b", "--", "ping", "-nc1", "-W1", "a")).Code);
        Set(cleave, "+20y");
        await cleave.OkAsync("heal");
        await cleave.InAsync("b", "ping -nc1 -W5 a");
        await cleave.OkAsync("down");
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_scenario_goes_on_while_the_clock_jumps()
    {
        CleaveCommand cleave = NewLab(
            Nodes + """
            scenarios:
              jumps:
                - repeat: 4
                  steps:
                    - during: {isolate: a}
                      for: 300ms
                    - expect: {from: b, to: a, icmp: true, is: reachable}
                      within: 20s
                    - sleep: 200ms

            """);
        FakeTheClock(cleave);
        using CleaveCommand.Background test = cleave.StartInBackground("test");
        Task<int> end = test.EndsAsync();
        for (int i = 0; !end.IsCompleted; i++)
        {
            Set(cleave, Jumps[i % Jumps.Length]);
            await Task.WhenAny(end, Task.Delay(50, TestContext.Current.CancellationToken));
        }

        Assert.True(await end == 0, test.Output);
        AssertNothingIsLeft();
    }

    private static void FakeTheClock(CleaveCommand cleave)
    {
        string? library = Directory.GetDirectories("/usr/lib").Select(d => Path.Combine(d, "faketime", "libfaketime.so.1")).FirstOrDefault(File.Exists);
        Assert.SkipUnless(library is not null, "needs libfaketime.so.1, from the package faketime");
        cleave.Environment["LD_PRELOAD"] = library;
        cleave.Environment["FAKETIME_TIMESTAMP_FILE"] = Path.Combine(cleave.Folder, "clock");
        cleave.Environment["FAKETIME_NO_CACHE"] = "1";
        cleave.Environment["FAKETIME_DONT_FAKE_MONOTONIC"] = cleave.Environment["DONT_FAKE_MONOTONIC"] = "1"; // only the wall clock can be set
        Set(cleave, "+0");
    }

    /// <summary>In one step, so that nobody reads half of it.</summary>
    private static void Set(CleaveCommand cleave, string jump)
    {
        string clock = Path.Combine(cleave.Folder, "clock");
        File.WriteAllText(clock + ".new", jump + "\n");
        File.Move(clock + ".new", clock, overwrite: true);
    }
}
