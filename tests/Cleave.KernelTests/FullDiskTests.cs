using System.Globalization;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>File systems without room, for logs and for the runtime directory: small ones, which only the shell of the test and what it starts see.</summary>
public sealed class FullDiskTests : KernelTest
{
    private const string InNamespaces = "unshare --user --map-root-user --mount";

    [Fact]
    public async Task A_full_disk_stops_nothing_and_the_log_tells_how_many_lines_are_missing_when_it_goes_on()
    {
        CleaveCommand cleave = NewLab(
            """
            cleave: 1
            nodes:
              a:
                ip: 172.23.0.1
                run: |
                  seq 100000; echo full
                  until [ -e go ]; do sleep 0.05; done
                  seq -f "after %g" 1000; echo end
                  exec sleep 1000
                ready: {log: ^full$}
              b: {ip: 172.23.0.2}
            """);
        await RequireMountsAsync(cleave);
        Outcome outcome = await cleave.ShellAsync(
            $$"""
            {{InNamespaces}} sh -c '
                mkdir -p .cleave
                mount -t tmpfs -o size=600k none .cleave || exit 90
                head -c 200k /dev/zero >.cleave/filler
                "$CLEAVE" up >up.out 2>&1 &
                up=$!
                until grep -q "all nodes are ready" up.out; do sleep 0.05; done
                [ $(df --output=avail .cleave | tail -1) = 0 ] || exit 91
                "$CLEAVE" exec a -- echo alive || exit 92
                "$CLEAVE" isolate a && "$CLEAVE" check && "$CLEAVE" heal || exit 93
                rm .cleave/filler
                touch go
                until grep -q "| end" up.out; do sleep 0.05; done
                "$CLEAVE" logs >logs.out || exit 94
                "$CLEAVE" down >/dev/null || exit 95
                wait $up || exit 96
                cp .cleave/labs/*/logs/a.log a.log
            '
            """);
        Assert.True(outcome.Code == 0, outcome.ToString());
        string up = File.ReadAllText(Path.Combine(cleave.Folder, "up.out"));
        Assert.Contains("a its log file cannot be written: No space left on device", up, StringComparison.Ordinal);
        Assert.Contains("a its log file is written again", up, StringComparison.Ordinal);

        string[] texts = [.. File.ReadLines(Path.Combine(cleave.Folder, "a.log")).Select(l => l[(l.IndexOf(' ', StringComparison.Ordinal) + 1)..])];
        int marker = Array.FindIndex(texts, t => t.StartsWith("[cleave: ", StringComparison.Ordinal));
        Assert.True(marker > 0, string.Join('\n', texts.TakeLast(20)));
        int missing = int.Parse(texts[marker].Split(' ')[1], CultureInfo.InvariantCulture);

        // The line before may be torn; it counts as missing.
        string[] whole = [.. texts[..marker].TakeWhile((t, i) => t == $"{i + 1}")];
        Assert.InRange(marker - whole.Length, 0, 1);
        Assert.Equal(100_001, whole.Length + missing);
        Assert.Equal([.. Enumerable.Range(1, 1000).Select(n => $"after {n}"), "end"], texts[(marker + 1)..]);
        Assert.Contains($"a      | {texts[marker]}", File.ReadAllText(Path.Combine(cleave.Folder, "logs.out")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lab_that_finds_no_room_in_the_runtime_directory_does_not_start_and_leaves_nothing()
    {
        CleaveCommand cleave = NewLab("{cleave: 1, nodes: {a: {ip: 172.23.0.1}}}");
        await RequireMountsAsync(cleave);
        string inside = Path.Combine(cleave.Folder, "runtime");
        Directory.CreateDirectory(inside);
        Outcome outcome = await cleave.ShellAsync(
            $$"""
            {{InNamespaces}} sh -c '
                mount -t tmpfs -o size=64k,mode=0700 none {{inside}} || exit 90
                export XDG_RUNTIME_DIR={{inside}}
                mkdir -m 0700 {{inside}}/cleave
                dd if=/dev/zero of={{inside}}/filler bs=4k status=none 2>/dev/null
                "$CLEAVE" up -d
                echo code $?
                ls {{inside}}/cleave
                rm {{inside}}/filler
                "$CLEAVE" up -d >/dev/null && "$CLEAVE" down >/dev/null && echo works again
            '
            """);
        Assert.True(outcome.Code == 0, outcome.ToString());
        Assert.Equal("code 125\nworks again\n", outcome.Output);
        Assert.Contains("No space left on device", outcome.Errors, StringComparison.Ordinal);
    }

    private static async Task RequireMountsAsync(CleaveCommand cleave)
    {
        Outcome can = await cleave.ShellAsync($"{InNamespaces} sh -c 'mount -t tmpfs -o size=300k none /mnt'");
        Assert.SkipUnless(can.Code == 0, $"no tmpfs can be mounted in a user namespace: {can.Errors}");
    }
}
