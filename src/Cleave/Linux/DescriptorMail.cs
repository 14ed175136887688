using System.Runtime.InteropServices;

namespace Cleave.Linux;

/// <summary>Hands open descriptors to another process over a Unix socket (SCM_RIGHTS of unix(7)), one with each byte.</summary>
internal static unsafe class DescriptorMail
{
    private const int HeaderSize = 16; // struct cmsghdr on 64-bit machines: length, level, type
    private const int ControlSize = HeaderSize + 8; // with one int, aligned

    /// <summary>Sends a copy of the descriptor; the caller's stays open.</summary>
    public static void Send(int socket, Descriptor what)
    {
        byte letter = 0;
        byte* control = stackalloc byte[ControlSize];
        *(nuint*)control = HeaderSize + sizeof(int);
        ((int*)control)[2] = Libc.SOL_SOCKET;
        ((int*)control)[3] = Libc.SCM_RIGHTS;
        ((int*)control)[4] = what.Fd;
        var block = new Libc.Block { Base = &letter, Length = 1 };
        var message = new Libc.MessageHeader { Blocks = &block, BlockCount = 1, Control = control, ControlLength = ControlSize };
        while (Libc.sendmsg(socket, &message, Libc.MSG_NOSIGNAL) < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            if (errno == Libc.EAGAIN)
            {
                WaitUntil(socket, PollOut);
            }
            else if (errno != Libc.EINTR)
            {
                throw new LinuxException("hand a descriptor over", errno);
            }
        }
    }

    /// <summary>Waits for a descriptor; it is close-on-exec. Null at the end of the connection.</summary>
    public static Descriptor? Receive(int socket)
    {
        byte letter = 0;
        byte* control = stackalloc byte[ControlSize];
        var block = new Libc.Block { Base = &letter, Length = 1 };
        var message = new Libc.MessageHeader { Blocks = &block, BlockCount = 1, Control = control, ControlLength = ControlSize };
        nint count;
        while ((count = Libc.recvmsg(socket, &message, Libc.MSG_CMSG_CLOEXEC)) < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            if (errno != Libc.EINTR)
            {
                throw new LinuxException("receive a descriptor", errno);
            }
        }

        bool isThere = count == 1 && message.ControlLength >= HeaderSize + sizeof(int)
            && ((int*)control)[2] == Libc.SOL_SOCKET && ((int*)control)[3] == Libc.SCM_RIGHTS;
        return isThere ? new Descriptor(((int*)control)[4]) : null;
    }

    private const short PollOut = 4;

    private static void WaitUntil(int socket, short events)
    {
        ulong request = (uint)socket | ((ulong)(ushort)events << 32); // struct pollfd
        _ = Libc.poll(&request, 1, -1);
    }
}
