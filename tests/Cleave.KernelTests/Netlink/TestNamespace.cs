using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Cleave.KernelTests.Netlink;

/// <summary>A network namespace of a test's own, entered by one thread and gone with it. Programs started there see that namespace.</summary>
internal sealed class TestNamespace
{
    private const int CLONE_NEWNET = 0x40000000;

    private TestNamespace() { }

    /// <summary>Runs <paramref name="body"/> on a thread of its own in a fresh network namespace.</summary>
    public static void Run(Action<TestNamespace> body)
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs root to make a network namespace; as an ordinary user the lab tests cover the sockets");
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                if (Unshare(CLONE_NEWNET) != 0)
                    throw new Win32Exception(Marshal.GetLastPInvokeError());
                body(new TestNamespace());
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    /// <summary>A second namespace; it lives as long as the descriptor.</summary>
    public SafeFileHandle Another()
    {
        SafeFileHandle? other = null;
        var thread = new Thread(() =>
        {
            if (Unshare(CLONE_NEWNET) == 0)
                other = File.OpenHandle("/proc/thread-self/ns/net");
        });
        thread.Start();
        thread.Join();
        return other ?? throw new InvalidOperationException("A second namespace could not be made.");
    }

    /// <summary>Runs something on a thread that joined <paramref name="other"/>.</summary>
    public T In<T>(SafeFileHandle other, Func<T> body)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                if (SetNs((int)other.DangerousGetHandle(), CLONE_NEWNET) != 0)
                    throw new Win32Exception(Marshal.GetLastPInvokeError());
                result = body();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }

    /// <summary>Runs a program in the calling thread's namespace and gives what it printed; it has to succeed.</summary>
    public string Output(string program, params string[] arguments) => OutputOf(program, input: null, arguments);

    /// <summary>The same with text for its standard input.</summary>
    public string OutputOf(string program, string? input, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        using var process = Process.Start(start)!;
        if (input is not null)
            process.StandardInput.Write(input);
        process.StandardInput.Close();

        // Nothing asynchronous: threads of the pool that are started from here would stay in this namespace, and other tests would run on them.
        var errors = "";
        var reader = new Thread(() => errors = process.StandardError.ReadToEnd());
        reader.Start();
        var output = process.StandardOutput.ReadToEnd();
        reader.Join();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} gave {process.ExitCode}: {errors}");
        return output;
    }

    /// <summary>The same, parsed.</summary>
    public JsonElement Json(string program, params string[] arguments) =>
        JsonDocument.Parse(Output(program, arguments)).RootElement;

#pragma warning disable SYSLIB1054, CA2101, CA5392 // Two functions, and tests need no unsafe code for them.
    [DllImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static extern int Unshare(int flags);

    [DllImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static extern int SetNs(int descriptor, int flags);
#pragma warning restore SYSLIB1054, CA2101, CA5392
}
