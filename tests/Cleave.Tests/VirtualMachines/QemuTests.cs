using System.Globalization;
using System.Text;
using Cleave.VirtualMachines;

namespace Cleave.Tests.VirtualMachines;

public class QemuTests
{
    private static readonly Kernel Debian = new("/c/boot/vmlinuz-6.1", "/c/lib/modules/6.1", "/c/bin/busybox");

    [Fact]
    public void An_archive_is_what_the_kernel_unpacks()
    {
        using var stream = new MemoryStream();
        var archive = new CpioArchive(stream);
        archive.Add("a/b", 0x1a4, "hello"u8);
        archive.Add("a/c", 0x1ed, []);
        archive.End();

        Assert.Equal(
            "070701" + "00000001" + "000041ed" + "00000000" + "00000000" + "00000001" + "00000000" + "00000000" + "00000000" + "00000000" + "00000000" + "00000000" + "00000002" + "00000000" + "a\0",
            Encoding.ASCII.GetString(stream.ToArray()[..112]));
        Assert.Equal([("a", 0x41ed, ""), ("a/b", 0x81a4, "hello"), ("a/c", 0x81ed, ""), ("TRAILER!!!", 0, "")], Entries(stream.ToArray()));
        Assert.Equal(0, stream.Length % 4);
    }

    [Fact]
    public void Modules_come_with_all_that_they_need_and_built_in_ones_not_at_all()
    {
        const string Dependencies = "kernel/fs/9p/9p.ko: kernel/net/9p/9pnet.ko kernel/fs/netfs/netfs.ko\nkernel/net/9p/9pnet.ko:\nkernel/fs/netfs/netfs.ko:\nkernel/a/virtio-blk.ko.xz: kernel/net/9p/9pnet.ko\n";

        Assert.Equal(
            ["kernel/a/virtio-blk.ko.xz", "kernel/net/9p/9pnet.ko", "kernel/fs/9p/9p.ko", "kernel/fs/netfs/netfs.ko"],
            QemuMachine.ModuleFiles(Dependencies, ["virtio_blk", "9p", "ext4"]));
    }

    [Fact]
    public void The_hosts_files_are_read_only_and_the_project_is_not()
    {
        string[] arguments = [.. QemuMachine.Arguments(new MachineOptions("m", 3L << 30, 1L << 30, null, "/home/me/a,b", ""), Debian, "/run/me", "tcg")];

        string[] shares = [.. arguments.Index().Where(a => a.Item == "-virtfs").Select(a => arguments[a.Index + 1])];
        Assert.Equal(
            [
                "local,path=/,mount_tag=root,security_model=none,multidevs=remap,readonly=on",
                "local,path=/c/lib/modules/6.1,mount_tag=modules,security_model=none,multidevs=remap,readonly=on",
                "local,path=/home/me/a,,b,mount_tag=project,security_model=none,multidevs=remap",
            ],
            shares);
        Assert.Contains("3072M", arguments);
        Assert.Contains("none", arguments[Array.IndexOf(arguments, "-nic") + 1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_command_reaches_the_shell_as_it_was_given() => Assert.EndsWith(
        "export A='it'\\''s'\ncd '/my lab' && exec cleave exec web -- echo '$HOME' '' 'a;b'\n",
        QemuGuest.Script("/my lab", ["cleave", "exec", "web", "--", "echo", "$HOME", "", "a;b"], [new("A", "it's")]), StringComparison.Ordinal);

    [Fact]
    public void Output_and_exit_code_are_found_wherever_the_stream_is_cut()
    {
        byte[] said = Encoding.UTF8.GetBytes("noise \u0001begin x\n\u0001begin 7f\nfirst\n\u0001not the \u0001end 99 1\n\u0001end 7f 42\nmore");
        const string Output = "first\n\u0001not the \u0001end 99 1\n";
        for (int cut = 0; cut <= said.Length; cut++)
        {
            var reply = new GuestReply("7f");
            string output = Encoding.UTF8.GetString([.. reply.Add(said.AsSpan(0, cut)), .. reply.Add(said.AsSpan(cut))]);
            Assert.Equal((Output, 42), (output, reply.Code));
        }

        var byByte = new GuestReply("7f");
        Assert.Equal(Output, Encoding.UTF8.GetString([.. said.SelectMany(b => byByte.Code is null ? byByte.Add([b]) : [])]));
        Assert.Equal(42, byByte.Code);
    }

    [Fact]
    public void Without_its_end_a_command_has_no_exit_code()
    {
        var reply = new GuestReply("7f");

        Assert.Equal("out", Encoding.UTF8.GetString(reply.Add("\u0001begin 7f\nout\u0001end 7f 4"u8)));
        Assert.Null(reply.Code);
    }

    [Fact]
    public void Prompts_come_at_once()
    {
        var reply = new GuestReply("7f");
        reply.Add("\u0001begin 7f\n"u8);

        Assert.Equal("# ", Encoding.UTF8.GetString(reply.Add("# "u8)));
    }

    private static IEnumerable<(string Name, int Mode, string Content)> Entries(byte[] archive)
    {
        for (int at = 0; at < archive.Length;)
        {
            int Field(int n) => int.Parse(Encoding.ASCII.GetString(archive, at + 6 + (8 * n), 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            (int mode, int size, int name) = (Field(1), Field(6), Field(11));
            int content = at + ((110 + name + 3) & ~3);
            yield return (Encoding.UTF8.GetString(archive, at + 110, name - 1), mode, Encoding.UTF8.GetString(archive, content, size));
            at = (content + size + 3) & ~3;
        }
    }
}
