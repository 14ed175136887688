using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>Somebody sets the machine's clock, as time synchronisation and sleeping laptops do. What waits must not go by it.</summary>
public sealed class ClockTests : KernelTest
{
    private const string Nodes = "cleave: 1\nnodes:\n  a: {ip: 172.23.0.1, run: [sleep, '1000'], ready: {run: 'true'}}\n  b: {ip: 172.23.0.2}\n";
    private static readonly int[] Jumps = [400, -400, 7000, -1, 0]; // days

    [Fact]
    public async Task A_lab_started_in_the_future_is_found_cut_entered_and_ended_in_the_past()
    {
        CleaveCommand cleave = NewLab(Nodes);
        await FakeTheClockAsync(cleave);
        Set(cleave, 400);
        await cleave.OkAsync("up", "-d");
        Set(cleave, -400);
        Assert.Contains(Path.GetFileName(cleave.Folder), await cleave.OkAsync("ps", "--all"), StringComparison.Ordinal);
        await cleave.OkAsync("isolate", "a");
        long inside = long.Parse(await cleave.InAsync("a", "date +%s"), System.Globalization.CultureInfo.InvariantCulture); // the jump is seen there, too
        Assert.InRange(inside - DateTimeOffset.UtcNow.AddDays(-400).ToUnixTimeSeconds(), -600, 600);
        Assert.Equal(1, (await cleave.RunAsync("exec", "b", "--", "ping", "-nc1", "-W1", "a")).Code);
        Set(cleave, 7000);
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
                    - during: {isolate: {nodes: a, traffic: none}}
                      for: 300ms
                    - expect: {from: b, to: a, icmp: true, is: reachable}
                      within: 20s
                    - sleep: 200ms

            """);
        await FakeTheClockAsync(cleave);
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

    /// <summary>
    /// No namespace has a wall clock of its own, so every program asks a library first. It puts nothing in the way of anything else: libfaketime, which does the
    /// same, also stands before pthread_cond_timedwait, and the runtime ends with an error when the clock jumps.
    /// </summary>
    private static async Task FakeTheClockAsync(CleaveCommand cleave)
    {
        const string Source =
            """
            #define _GNU_SOURCE
            #include <fcntl.h>
            #include <stdlib.h>
            #include <sys/syscall.h>
            #include <sys/time.h>
            #include <time.h>
            #include <unistd.h>

            static long jump(void) {
                char text[32] = "";
                int file = open(CLOCK, O_RDONLY | O_CLOEXEC);
                if (file >= 0) {
                    if (read(file, text, sizeof text - 1) < 0) text[0] = 0;
                    close(file);
                }
                return atol(text);
            }

            int clock_gettime(clockid_t clock, struct timespec *now) {
                int result = syscall(SYS_clock_gettime, clock, now);
                if (!result && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += jump();
                return result;
            }

            int gettimeofday(struct timeval *now, void *zone) {
                struct timespec t;
                (void)zone;
                clock_gettime(CLOCK_REALTIME, &t);
                now->tv_sec = t.tv_sec;
                now->tv_usec = t.tv_nsec / 1000;
                return 0;
            }

            time_t time(time_t *now) {
                struct timespec t;
                clock_gettime(CLOCK_REALTIME, &t);
                if (now) *now = t.tv_sec;
                return t.tv_sec;
            }

            """;
        Tool.Require("gcc", "gcc");
        cleave.Write("clock.c", Source);
        Outcome made = await cleave.RunAsync("gcc", ["-shared", "-fPIC", "-O2", $"-DCLOCK=\"{cleave.Folder}/clock\"", "-o", "clock.so", "clock.c"], null);
        Assert.True(made.Code == 0, $"{made}");
        Set(cleave, 0);
        cleave.Environment["LD_PRELOAD"] = Path.Combine(cleave.Folder, "clock.so");
    }

    /// <summary>In one step, so that nobody reads half of it.</summary>
    private static void Set(CleaveCommand cleave, int days)
    {
        string clock = Path.Combine(cleave.Folder, "clock");
        File.WriteAllText(clock + ".new", $"{days * 86_400L}\n");
        File.Move(clock + ".new", clock, overwrite: true);
    }
}
