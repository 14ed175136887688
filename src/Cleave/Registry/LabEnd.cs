using System.Diagnostics;
using Cleave.Control;

namespace Cleave.Registry;

/// <summary>Ends labs that another process has started.</summary>
public static class LabEnd
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Asks a lab to end, as soon as it listens if it is still being made, and returns when nothing is left of it; kills its lab host, or what there is
    /// of it, if it does not end within ten seconds and its longest grace.
    /// </summary>
    public static async Task EndAsync(LabRecord lab, CancellationToken cancel)
    {
        IReadOnlyList<int> last = HostProcesses.Last(lab);

        // Before anything is looked at: a node that controls the lab sees nothing of it that could be swept.
        bool isAsked = await TryAskAsync(lab, cancel);
        long start = Stopwatch.GetTimestamp();
        while (!LabRegistry.TrySweep(lab) || !HostProcesses.AreGone(last))
        {
            last = last.Count > 0 ? last : HostProcesses.Last(lab);
            isAsked = isAsked || await TryAskAsync(lab, cancel);
            if (Stopwatch.GetElapsedTime(start) > Patience + lab.Grace)
            {
                Kill(last.Count > 0 ? [last[0]] : HostProcesses.Holders(lab));
                start = Stopwatch.GetTimestamp();
            }

            await HostProcesses.AwaitEndAsync(last, TimeSpan.FromMilliseconds(isAsked ? 10 : 50), cancel);
        }
    }

    /// <summary>False if nobody listens: it does not yet, or no longer.</summary>
    private static async Task<bool> TryAskAsync(LabRecord lab, CancellationToken cancel)
    {
        using var client = new LabClient(lab);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Patience);
        try
        {
            await client.DownAsync(limit.Token);
        }
        catch (CleaveException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // It is stopped, or busy beyond measure: it will be killed.
        }

        return true;
    }

    private static void Kill(IReadOnlyList<int> processes)
    {
        foreach (int pid in processes)
        {
            try
            {
                using var process = Process.GetProcessById(pid);
                process.Kill();
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                // It has ended.
            }
        }
    }
}
