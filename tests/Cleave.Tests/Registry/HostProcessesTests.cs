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
}
