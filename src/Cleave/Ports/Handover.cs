using System.Net.Sockets;
using Cleave.Linux;

namespace Cleave.Ports;

/// <summary>
/// The way of the host's sockets into the lab host: by messages (SCM_RIGHTS) over a socket in the lab's folder. Inherited ones would go to whatever else
/// the user's program starts at that moment, too, and hold the ports for as long as that runs.
/// </summary>
internal sealed class Handover : IDisposable
{
    private readonly string _path;
    private readonly Socket _door;

    /// <summary>Waits at that path from now on; the folder is the user's alone.</summary>
    public Handover(string path)
    {
        _path = path;
        _door = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            _door.Bind(new UnixDomainSocketEndPoint(path));
            _door.Listen(1);
        }
        catch
        {
            _door.Dispose();
            throw;
        }
    }

    /// <summary>Gives the lab host copies of them all; returns when they are on their way.</summary>
    public async Task GiveAsync(IReadOnlyList<Descriptor> sockets, CancellationToken cancel)
    {
        using Socket host = await _door.AcceptAsync(cancel);
        foreach (Descriptor socket in sockets)
        {
            DescriptorMail.Send((int)host.Handle, socket);
        }
    }

    /// <summary>Takes so many, in the lab host.</summary>
    /// <exception cref="CleaveException">The command that starts the lab is gone.</exception>
    public static Descriptor[] Take(string path, int count)
    {
        var sockets = new Descriptor[count];
        using UnixSocket from = UnixSocket.Connect(path);
        for (int i = 0; i < count; i++)
        {
            sockets[i] = DescriptorMail.Receive(from.Descriptor.Fd) ?? throw new CleaveException("the command that starts the lab is gone");
        }

        return sockets;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _door.Dispose();
        File.Delete(_path);
    }
}
