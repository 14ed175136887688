namespace Cleave.Scenarios;

/// <summary>Looks again and again: until something holds, or whether it holds all the while. Knows nothing of what is looked at.</summary>
internal static class Lookout
{
    /// <summary>From the end of one look to the next, where something is waited for.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Looks, one after the other, until one is as wanted.</summary>
    /// <param name="look">Looks once.</param>
    /// <param name="isWanted">Whether a look is as wanted.</param>
    /// <param name="limit">After so long the last one is given back as it is. The first is always made.</param>
    /// <param name="isEnded">True to end a look that goes on when the limit is over.</param>
    /// <param name="clock">The time.</param>
    /// <param name="cancel">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The last look; null if the first was not over at the limit.</returns>
    public static async Task<Look?> UntilAsync(
        Func<CancellationToken, Task<Look>> look, Func<Look, bool> isWanted, TimeSpan limit, bool isEnded, TimeProvider clock, CancellationToken cancel)
    {
        using var timer = new CancellationTokenSource(limit, clock);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancel, timer.Token);
        Look? last = null;
        try
        {
            while (true)
            {
                last = await look(isEnded ? limited.Token : cancel);
                if (isWanted(last))
                {
                    return last;
                }

                await Task.Delay(Pause, clock, limited.Token);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return last;
        }
    }

    /// <summary>Looks from now on until an end, and once more after it.</summary>
    /// <param name="look">Looks once.</param>
    /// <param name="isViolation">Whether a look shows what must not be.</param>
    /// <param name="every">From the beginning of one look to the next.</param>
    /// <param name="atOnce">
    /// How many looks may go on at the same time. Silence takes its time to be seen: if no other look began meanwhile, what happens then would go unseen.
    /// </param>
    /// <param name="end">If it fails or is cancelled, so does this.</param>
    /// <param name="clock">The time.</param>
    /// <param name="cancel">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The first violation, or null. Looks that go on are ended.</returns>
    public static async Task<Look?> WhileAsync(
        Func<CancellationToken, Task<Look>> look,
        Func<Look, bool> isViolation,
        TimeSpan every,
        int atOnce,
        Task end,
        TimeProvider clock,
        CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var open = new List<Task<Look>>();
        try
        {
            while (!end.IsCompleted)
            {
                if (open.Count < atOnce)
                {
                    open.Add(look(stop.Token));
                }

                if (await FirstAsync(Task.WhenAny(Task.Delay(every, clock, stop.Token), end)) is { } violation)
                {
                    return violation;
                }
            }

            await end; // what went wrong there comes first
            if (atOnce > 1)
            {
                open.Add(look(stop.Token));
            }

            Look? late = await FirstAsync(Task.WhenAll(open));
            if (late is null && atOnce == 1)
            {
                open.Add(look(stop.Token));
                late = await FirstAsync(open[^1]);
            }

            return late;
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(open).ContinueWith(static t => t.Exception, TaskScheduler.Default); // seen, one by one, or not wanted any more
        }

        // The first violation among the open looks that end before something else does.
        async Task<Look?> FirstAsync(Task until)
        {
            while (true)
            {
                Task done = await Task.WhenAny([.. open, until]);
                foreach (Task<Look> ended in open.Where(o => o.IsCompleted).ToArray())
                {
                    open.Remove(ended);
                    Look seen = await ended;
                    if (isViolation(seen))
                    {
                        return seen;
                    }
                }

                if (until.IsCompleted)
                {
                    cancel.ThrowIfCancellationRequested();
                    return null;
                }

                _ = done;
            }
        }
    }
}
