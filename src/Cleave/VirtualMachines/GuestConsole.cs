using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Cleave.Control;
using Microsoft.Win32.SafeHandles;

namespace Cleave.VirtualMachines;

/// <summary>One command at a console of a machine of plain qemu.</summary>
internal static class GuestConsole
{
    private const byte Interrupt = 3; // Ctrl-C, for the terminal inside
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(60); // emulated, the end of a lab takes its time
    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(10);

    /// <summary>Runs a script to its end, and gives its exit code.</summary>
    /// <exception cref="CleaveException">The machine is gone, or busy.</exception>
    public static async Task<int> RunAsync(string folder, string script, bool isTerminal, CancellationToken cancel)
    {
        for (int n = 0; n < QemuGuest.Consoles; n++)
        {
            if (Hold(Path.Combine(folder, $"c{n}.lock")) is { } held)
            {
                using (held)
                {
                    if (await RunAsync(new UnixDomainSocketEndPoint(Path.Combine(folder, $"c{n}")), script, isTerminal, cancel) is { } code)
                    {
                        return code;
                    }
                }
            }
        }

        throw new CleaveException($"all {QemuGuest.Consoles} consoles of the machine are in use");
    }

    /// <summary>Null if nobody is at the console: a command of one who has gone away still runs there.</summary>
    private static async Task<int?> RunAsync(UnixDomainSocketEndPoint console, string script, bool isTerminal, CancellationToken cancel)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(console, CancellationToken.None);
        }
        catch (SocketException e)
        {
            throw new CleaveException($"the machine is not there: {e.Message}; cleave vm up makes it", e);
        }

        string nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        (int columns, int rows) = isTerminal ? (Console.WindowWidth, Console.WindowHeight) : (80, 24);
        await socket.SendAsync(Encoding.UTF8.GetBytes(QemuGuest.Line(nonce, isTerminal, columns, rows, script)));

        using RawTerminal? raw = isTerminal ? RawTerminal.Enter() : null;
        using var given = new CancellationTokenSource(Answer); // up when nobody answers, or it takes too long after an interrupt
        using CancellationTokenRegistration interrupt = cancel.Register(() =>
        {
            _ = socket.Send([Interrupt]);
            given.CancelAfter(Grace);
        });
        if (isTerminal)
        {
            _ = RelayKeysAsync(socket);
        }

        await using Stream output = Console.OpenStandardOutput();
        var reply = new GuestReply(nonce);
        byte[] buffer = new byte[64 * 1024];
        while (reply.Code is null)
        {
            int read = await ReceiveAsync(socket, buffer, given.Token);
            if (read == 0 && !reply.HasBegun)
            {
                return null;
            }

            if (read == 0)
            {
                throw new CleaveException($"the program in the machine has not ended {Grace.TotalSeconds:0} s after it was interrupted; cleave vm down ends all");
            }

            bool had = reply.HasBegun;
            await output.WriteAsync(reply.Add(buffer.AsSpan(0, read)), CancellationToken.None);
            await output.FlushAsync(CancellationToken.None);
            if (!had && reply.HasBegun && !cancel.IsCancellationRequested)
            {
                given.CancelAfter(Timeout.InfiniteTimeSpan);
            }
        }

        return reply.Code.Value;
    }

    /// <summary>None if it takes too long.</summary>
    private static async Task<int> ReceiveAsync(Socket socket, byte[] buffer, CancellationToken cancel)
    {
        try
        {
            int read = await socket.ReceiveAsync(buffer, cancel);
            return read > 0 ? read : throw new CleaveException("the machine has ended");
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
        catch (SocketException e)
        {
            throw new CleaveException($"the machine has ended: {e.Message}", e);
        }
    }

    private static async Task RelayKeysAsync(Socket socket)
    {
        // Descriptor 0 itself: Console.OpenStandardInput would take the terminal's raw mode away.
        await using var keys = new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0);
        byte[] buffer = new byte[4096];
        try
        {
            while (await keys.ReadAsync(buffer) is > 0 and var read)
            {
                await socket.SendAsync(buffer.AsMemory(0, read));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            // The command has ended meanwhile.
        }
    }

    private static FileStream? Hold(string file)
    {
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new CleaveException("the machine is not there; cleave vm up makes it", e);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
