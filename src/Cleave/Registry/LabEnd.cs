using System.Diagnostics;
using Cleave.Control;

namespace Cleave.Registry;

/// <summary>Ends labs that another process has started.</summary>
public static class LabEnd
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Asks a lab to end and returns when nothing is left of it; kills its lab host if it does not within ten seconds and its
    /// longest grace.</summary>
    public static async Task EndAsync(LabRecord lab, CancellationToken cancel)
    {
        IReadOnlyList<int> last = HostProcesses.Last(lab);
        int? host = last.Count > 0 ? last[0] : null;
        using (var client = new LabClient(lab))
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(Patience);
            try
            {
                await client.DownAsync(limit.Token);
            }
            catch (Exception e) when (e is CleaveException or OperationCanceledException)
            {
                cancel.ThrowIfCancellationRequested();
                Kill(host);
            }
        }

        long start = Stopwatch.GetTimestamp();
        while (!LabRegistry.TrySweep(lab) || !HostProcesses.AreGone(last))
        {
            if (Stopwatch.GetElapsedTime(start) > Patience + lab.Grace)
            {
                Kill(host);
                start = Stopwatch.GetTimestamp();
            }

            await Task.Delay(10, cancel);
        }
    }

    private static void Kill(int? host)
    {
        if (host is { } pid)
        {
            try
            {
                using var process = Process.GetProcessById(pid);
                process.Kill();
            }
            catch (ArgumentException)
            {
                // It has ended.
            }
        }
    }
}
