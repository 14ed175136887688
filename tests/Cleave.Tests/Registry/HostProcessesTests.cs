using System.Diagnostics;
using Cleave.Registry;

namespace Cleave.Tests.Registry;

public class HostProcessesTests
{
    [Fact]
    public void The_children_of_a_process_are_found()
    {
        using Process child = Process.Start("sleep", "1000");
        try
        {
            Assert.Contains(child.Id, HostProcesses.Children(Environment.ProcessId));
        }
        finally
        {
            child.Kill();
            child.WaitForExit();
        }

        Assert.Empty(HostProcesses.Children(child.Id)); // it has ended
    }

    [Fact]
    public async Task A_process_runs_as_long_as_one_of_its_threads_does()
    {
        const string Script =
            """
            import ctypes, sys, threading
            def wait():
                print("running", flush=True)
                sys.stdin.read()
            threading.Thread(target=wait).start()
            ctypes.CDLL(None).pthread_exit(None)
            """;
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "needs python3");
        using Process process = Process.Start(
            new ProcessStartInfo("/usr/bin/python3", ["-c", Script]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false })!;
        try
        {
            Assert.Equal("running", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
            while (!(await File.ReadAllTextAsync($"/proc/{process.Id}/stat", TestContext.Current.CancellationToken)).Contains(") Z ", StringComparison.Ordinal))
            {
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }

            Assert.False(HostProcesses.AreGone([process.Id]));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }

        Assert.True(HostProcesses.AreGone([process.Id]));
    }

    /// <summary>A lab host ends threads all the time: of its pool, of every exec.</summary>
    [Fact]
    public async Task Threads_that_end_while_one_looks_are_no_failure()
    {
        using var enough = new CancellationTokenSource();
        Task[] churn =
        [
            .. Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            {
                while (!enough.IsCancellationRequested)
                {
                    new Thread(() => { }, maxStackSize: 1 << 17).Start();
                }
            })),
        ];
        try
        {
            for (int i = 0; i < 300; i++)
            {
                Assert.NotNull(HostProcesses.Children(Environment.ProcessId));
            }
        }
        finally
        {
            await enough.CancelAsync();
            await Task.WhenAll(churn);
        }
    }

    [Fact]
    public void Who_holds_a_shared_lock_is_found_and_who_waits_or_holds_another_is_not() => Assert.Equal(
        [4711, 4712],
        HostProcesses.Holders(
            [
                "1: FLOCK  ADVISORY  READ 4711 00:2d:5678 0 EOF",
                "1: -> FLOCK  ADVISORY  READ 4713 00:2d:5678 0 EOF",
                "2: FLOCK  ADVISORY  READ 4712 00:2d:5678 0 EOF",
                "3: FLOCK  ADVISORY  READ 0 00:2d:5678 0 EOF",
                "4: FLOCK  ADVISORY  WRITE 4714 00:2d:5678 0 EOF",
                "5: POSIX  ADVISORY  READ 4715 00:2d:5678 0 EOF",
                "6: FLOCK  ADVISORY  READ 4716 00:2d:15678 0 EOF",
            ],
            5678));
}
