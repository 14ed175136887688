using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>What a node sees in place of the host's files.</summary>
public sealed class VolumeTests : KernelTest
{
    private const string Yaml =
        """
        cleave: 1
        nodes:
          a:
            ip: 172.23.0.1
            tmpfs: [/mnt, {path: /srv, size: 64K, mode: 0750}, {path: /tmp, size: 1M}]
            volumes:
              - ./conf:/mnt/made/conf:ro
              - ./conf/x.conf:/mnt/x.conf
              - ./conf:/opt
              - data:/mnt/data
              - {source: data, target: /mnt/again, read-only: true}
            run: 'echo "$(cat /mnt/made/conf/x.conf)"; exec sleep 1000'
            ready: {log: hello}
            setup: ["echo setup >/mnt/data/setup"]
          b: {ip: 172.23.0.2, volumes: ["data:/opt"]}
        """;

    [Fact]
    public async Task A_node_sees_its_own_files_and_others_see_the_hosts()
    {
        CleaveCommand cleave = New(Yaml);
        await cleave.OkAsync("up", "-d");
        Assert.Equal("hello", await cleave.InAsync("a", "cat /mnt/made/conf/x.conf"));
        Assert.Equal("hello", await cleave.InAsync("a", "cat /mnt/x.conf"));
        Assert.Equal("no", await cleave.InAsync("b", "test -e /mnt/made || echo no"));

        // Read-only means that, and the same folder elsewhere can be written to.
        Outcome written = await cleave.RunAsync("exec", "a", "--", "sh", "-c", "LC_ALL=C; export LC_ALL; touch /mnt/made/conf/y");
        Assert.True(written.Code != 0 && written.Errors.Contains("Read-only file system", StringComparison.Ordinal), written.ToString());
        await cleave.InAsync("a", "echo new >/opt/y");
        Assert.Equal("new\n", File.ReadAllText(Path.Combine(cleave.Folder, "conf", "y")));

        // Data is the node's own, in each lab.
        Assert.Equal("setup", await cleave.InAsync("a", "cat /mnt/again/setup $CLEAVE_DATA/data/setup | uniq"));
        Assert.Equal("no", await cleave.InAsync("a", "touch /mnt/again/x 2>/dev/null || echo no"));
        Assert.Equal("no", await cleave.InAsync("b", "test -e /opt/setup || echo no"));
        string data = await cleave.InAsync("a", "echo $CLEAVE_DATA");
        Assert.True(File.Exists(Path.Combine(data, "data", "setup")));

        // Sizes and modes are those of the file.
        Assert.Equal("1777 750 1777", await cleave.InAsync("a", "echo $(stat -c %a /mnt /srv /tmp)"));
        Assert.Equal("64K 1.0M", await cleave.InAsync("a", "echo $(df -h --output=size /srv /tmp | grep -v Size)"));
        Assert.NotEqual(0, (await cleave.RunAsync("exec", "a", "--", "sh", "-c", "head -c 100k /dev/zero >/srv/f")).Code);

        await cleave.OkAsync("down");
        Assert.False(Directory.Exists(data));
        Assert.False(Path.Exists("/mnt/made"));
    }

    [Fact]
    public async Task What_is_mounted_below_a_read_only_volume_is_read_only_too()
    {
        CleaveCommand cleave = NewLab("{cleave: 1, nodes: {a: {ip: 172.23.0.1, volumes: ['/:/mnt:ro']}}}", "/var/tmp");
        Outcome outcome = await cleave.ShellAsync(
            """
            mkdir -p sub && unshare --user --map-root-user --mount sh -c '
                mount -t tmpfs none sub && echo below >sub/f || exit 90
                "$CLEAVE" up -d >/dev/null || exit 91
                "$CLEAVE" exec a -- sh -c "cat /mnt$PWD/sub/f; touch /mnt$PWD/sub/g; touch /mnt$PWD/g"
                ls sub; "$CLEAVE" down >/dev/null'
            """);
        Assert.Equal("below\nf\n", outcome.Output);
        Assert.Equal(2, outcome.Errors.Split("Read-only file system").Length - 1);
    }

    [Fact]
    public async Task A_source_below_what_a_node_covers_is_found_and_the_runtime_directory_stays_hidden()
    {
        // Below /tmp, which every node has of its own, and outside of the project.
        string other = NewFolder("cleave-test-", "/tmp");
        File.WriteAllText(Path.Combine(other, "f"), "found");
        CleaveCommand cleave = NewLab(
            $$"""
            cleave: 1
            nodes:
              a: {ip: 172.23.0.1, tmpfs: [/opt, /tmp/deep/er], volumes: ['{{other}}:/opt/x', '{{other}}/f:/tmp/g', '/tmp:/mnt', '/:/srv:ro']}
              b: {ip: 172.23.0.2}
            """, "/var/tmp");
        await cleave.OkAsync("up", "-d");
        Assert.Equal("tmpfs", await cleave.InAsync("a", "stat -f -c %T /tmp/deep/er"));
        Assert.Equal("found found found", await cleave.InAsync("a", $"echo $(cat /opt/x/f) $(cat /tmp/g) $(cat /mnt/{Path.GetFileName(other)}/f)"));
        Assert.NotEmpty(Directory.GetFileSystemEntries(Path.Combine(Runtime, "cleave")));
        Assert.Equal("", await cleave.InAsync("a", $"ls -A /mnt/{Path.GetFileName(Runtime)}/cleave /srv{Runtime}/cleave 2>/dev/null | grep -v :" + " || true"));
        Assert.Equal("", await cleave.InAsync("a", $"find /mnt /srv/tmp /srv/var/tmp /srv/run -name control -type s -path '*{Path.GetFileName(Runtime)}*' 2>/dev/null || true"));
        await cleave.OkAsync("down");
    }

    [Fact]
    public async Task A_source_that_is_not_there_is_a_mistake_of_the_file_and_nothing_is_made()
    {
        CleaveCommand cleave = New("{cleave: 1, nodes: {a: {ip: 172.23.0.1, volumes: ['./cnof:/mnt']}}}");
        Outcome up = await cleave.RunAsync("up", "-d");
        Assert.Equal(2, up.Code);
        Assert.Contains("1:51: error: './cnof' is not there: expected a folder or file of the host; did you mean './conf'?", up.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(cleave.Folder, ".cleave")));
    }

    [Fact]
    public async Task A_source_that_goes_between_the_check_and_the_start_is_said_with_its_node()
    {
        CleaveCommand cleave = New("{cleave: 1, nodes: {a: {ip: 172.23.0.1, volumes: ['./conf/x.conf:/mnt/f'], tmpfs: /mnt}}}");
        string runtime = Path.Combine(Runtime, "cleave"); // what is in it is there for the check, and covered in the node
        Directory.CreateDirectory(runtime, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string file = Path.Combine(runtime, "file");
        File.WriteAllText(file, "");
        cleave.Write("cleave.yaml", $"{{cleave: 1, nodes: {{a: {{ip: 172.23.0.1, volumes: ['{file}:/mnt/f'], tmpfs: /mnt}}}}}}");
        Outcome up = await cleave.RunAsync("up", "-d");
        File.Delete(file);
        Assert.Equal(125, up.Code);
        Assert.Contains("node a: ", up.Errors, StringComparison.Ordinal);
        Assert.Contains("No such file or directory", up.Errors, StringComparison.Ordinal);
    }

    private CleaveCommand New(string yaml)
    {
        foreach (string folder in (string[])["/mnt", "/srv", "/opt"])
        {
            Assert.SkipUnless(Directory.Exists(folder), $"{folder} is missing (Debian's base-files has it)");
        }

        CleaveCommand cleave = NewLab(yaml);
        Directory.CreateDirectory(Path.Combine(cleave.Folder, "conf"));
        cleave.Write("conf/x.conf", "hello\n");
        return cleave;
    }
}
