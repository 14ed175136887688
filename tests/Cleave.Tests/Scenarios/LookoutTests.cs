using Cleave.Scenarios;

namespace Cleave.Tests.Scenarios;

public class LookoutTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(1);

    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _looks;

    [Fact]
    public async Task Until_returns_the_first_look_that_is_wanted()
    {
        Look? look = await Lookout.UntilAsync(At(i => i == 3), l => l.Holds, Long, false, TimeProvider.System, CancellationToken.None);
        Assert.True(look!.Holds);
        Assert.Equal(3, _looks);
    }

    [Fact]
    public async Task Until_returns_the_last_look_at_its_limit_and_looks_once_at_least()
    {
        Look? look = await Lookout.UntilAsync(At(_ => false), l => l.Holds, Short, false, TimeProvider.System, CancellationToken.None);
        Assert.False(look!.Holds);
        Assert.True(_looks >= 1);
    }

    [Fact]
    public async Task Until_can_end_a_look_that_takes_too_long()
    {
        Look? look = await Lookout.UntilAsync(HangAsync, l => l.Holds, Short, isEnded: true, TimeProvider.System, CancellationToken.None);
        Assert.Null(look);
    }

    [Fact]
    public async Task Until_ends_when_it_is_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        Task<Look?> waiting = Lookout.UntilAsync(HangAsync, l => l.Holds, Long, isEnded: true, TimeProvider.System, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task While_returns_null_if_nothing_was_violated_and_looks_before_and_after(int atOnce)
    {
        int before = 0;
        Task<Look?> watching = WhileAsync(At(_ => true), atOnce);
        before = _looks;
        _end.SetResult();
        Assert.Null(await watching);
        Assert.True(before >= 1);
        Assert.True(_looks > before);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task While_returns_a_violation_as_soon_as_it_is_seen(int atOnce)
    {
        Look? violation = await WhileAsync(At(i => i != 4), atOnce);
        Assert.False(violation!.Holds);
        Assert.True(_looks >= 4);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task While_looks_once_more_when_the_end_has_come(int atOnce)
    {
        bool ended = false;
        Task<Look?> watching = WhileAsync(_ => Task.FromResult(Of(!Volatile.Read(ref ended))), atOnce, every: Long);
        Volatile.Write(ref ended, true);
        _end.SetResult();
        Assert.NotNull(await watching);
    }

    [Fact]
    public async Task While_begins_other_looks_while_one_takes_its_time()
    {
        // The first waits in silence and never sees anything; the third sees it.
        Look? violation = await WhileAsync(async cancel => Interlocked.Increment(ref _looks) switch
        {
            1 => await HangAsync(cancel),
            var i => Of(i < 3),
        }, atOnce: 5);
        Assert.NotNull(violation);
    }

    [Fact]
    public async Task While_does_not_look_more_often_at_once_than_it_may()
    {
        int open = 0, most = 0;
        Task<Look?> watching = WhileAsync(async cancel =>
        {
            most = Math.Max(most, Interlocked.Increment(ref open));
            await Task.Delay(20, cancel);
            Interlocked.Decrement(ref open);
            return Of(Interlocked.Increment(ref _looks) < 5);
        }, atOnce: 1);
        Assert.NotNull(await watching);
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task While_waits_for_looks_that_are_open_at_the_end()
    {
        var slow = new TaskCompletionSource<Look>(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<Look?> watching = WhileAsync(_ => Interlocked.Increment(ref _looks) == 1 ? slow.Task : Task.FromResult(Of(true)), atOnce: 5, every: Long);
        _end.SetResult();
        await Task.WhenAny(watching, Task.Delay(50, TestContext.Current.CancellationToken));
        Assert.False(watching.IsCompleted);
        slow.SetResult(Of(false));
        Assert.NotNull(await watching);
    }

    [Fact]
    public async Task What_goes_wrong_meanwhile_comes_through()
    {
        Task<Look?> watching = WhileAsync(At(_ => true), 5);
        _end.SetException(new InvalidOperationException("the steps"));
        Assert.Equal("the steps", (await Assert.ThrowsAsync<InvalidOperationException>(() => watching)).Message);

        await Assert.ThrowsAsync<InvalidOperationException>(() => WhileAsync(_ => throw new InvalidOperationException("the look"), 5));
    }

    [Fact]
    public async Task While_ends_its_looks_when_it_is_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        Task<Look?> watching = Lookout.WhileAsync(HangAsync, l => !l.Holds, Short, 5, _end.Task, TimeProvider.System, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);
    }

    private Task<Look?> WhileAsync(Func<CancellationToken, Task<Look>> look, int atOnce, TimeSpan? every = null) =>
        Lookout.WhileAsync(look, l => !l.Holds, every ?? Short, atOnce, _end.Task, TimeProvider.System, CancellationToken.None);

    /// <summary>Holds or not by the number of the look, from 1.</summary>
    private Func<CancellationToken, Task<Look>> At(Func<int, bool> holds) => _ => Task.FromResult(Of(holds(Interlocked.Increment(ref _looks))));

    private static Look Of(bool holds) => new(default, [new("n", [0], _ => throw new InvalidOperationException())], [new(holds, "")], null);

    private static async Task<Look> HangAsync(CancellationToken cancel)
    {
        await Task.Delay(Timeout.Infinite, cancel);
        throw new InvalidOperationException();
    }
}
