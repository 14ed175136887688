using System.Runtime.InteropServices;
using Cleave.Linux;
using Cleave.Processes;

namespace Cleave.Tests.Processes;

public class PipeReaderTests
{
    [Fact]
    public async Task A_pipe_that_has_ended_is_left_alone_even_while_a_program_being_started_holds_a_copy_of_it()
    {
        var reader = new PipeReader();
        var ended = new TaskCompletionSource();
        (Descriptor read, Descriptor write) = Descriptor.Pipe();
        int ends = 0;
        int copy = Duplicate(read.Fd);
        reader.Read(read, bytes =>
        {
            if (bytes.IsEmpty)
            {
                ends++;
                ended.TrySetResult();
            }
        });
        write.Dispose();
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        // Two rounds of the reader's thread, which breaks the process if it finds what it no longer knows.
        await reader.CatchUpAsync().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await reader.CatchUpAsync().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Equal(1, ends);
        Assert.Equal(0, Close(copy));
    }

    [DllImport("libc", EntryPoint = "dup")]
    private static extern int Duplicate(int fd);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int fd);
}
