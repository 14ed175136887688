namespace Cleave.KernelTests.Harness;

/// <summary>
/// A program that forbids system calls to what it then becomes, as a container's seccomp filter does (seccomp(2)): refuse.py RULE PROGRAM…
/// </summary>
internal static class Refusal
{
    public const string File = "refuse.py";

    /// <summary>Rules: user-namespaces (as Docker's default filter), host-names (as Podman's), nf-tables (as a kernel without it), icmp.</summary>
    public const string Text =
        """
        import ctypes, os, platform, struct, sys

        SOCKET, UNSHARE, SETHOSTNAME = {"x86_64": (41, 272, 170), "aarch64": (198, 97, 161)}[platform.machine()]
        NR, ARGUMENT = 0, 16                        # offsets in struct seccomp_data
        CLONE_NEWUSER = 0x10000000
        RULES = {                                   # system call, its arguments (number, mask, value), errno
            "user-namespaces": (UNSHARE, [(0, CLONE_NEWUSER, CLONE_NEWUSER)], 1),
            "host-names": (SETHOSTNAME, [], 1),
            "nf-tables": (SOCKET, [(0, 0xffffffff, 16), (2, 0xffffffff, 12)], 93),
            "icmp": (SOCKET, [(0, 0xffffffff, 2), (1, 0xf, 3), (2, 0xffffffff, 1)], 1),
        }
        call, arguments, errno = RULES[sys.argv[1]]
        LOAD, AND, JUMP_EQUAL, RETURN = 0x20, 0x54, 0x15, 0x06
        checks = [(NR, 0xffffffff, call)] + [(ARGUMENT + 8 * n, mask, value) for n, mask, value in arguments]
        code = []
        for i, (offset, mask, value) in enumerate(checks):
            left = 3 * (len(checks) - i - 1) + 1    # instructions to jump over, to the one that allows
            code += [(LOAD, 0, 0, offset), (AND, 0, 0, mask), (JUMP_EQUAL, 0, left, value)]
        code += [(RETURN, 0, 0, 0x00050000 | errno), (RETURN, 0, 0, 0x7fff0000)]
        program = b"".join(struct.pack("HBBI", *c) for c in code)
        buffer = ctypes.create_string_buffer(program, len(program))
        filter = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(code), ctypes.addressof(buffer)), 16)
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, filter):
            sys.exit("seccomp: " + os.strerror(ctypes.get_errno()))
        os.execvp(sys.argv[2], sys.argv[2:])
        """;
}
