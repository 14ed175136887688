using Cleave.Topology;

namespace Cleave.Tests.Topology;

/// <summary>What a node sees in place of the host's files.</summary>
public class MountTests
{
    private static readonly Surroundings Machine = LabText.With(
        ("/lab/conf/app.conf", ""), ("/lab/cleave.yaml", ""), ("/etc/app/app.conf", ""), ("/etc/hosts", ""), ("/run/", ""), ("/var/lib/app/", ""), ("/srv/a:b/", ""),
        ("/home/me/", ""), ("/tmp/", ""), ("/dev/shm/", ""), ("/lab/sub/inner/", ""), ("/mnt/", ""), ("/opt/a/b/", ""));

    [Theory]
    [InlineData("tmpfs: /run", "tmpfs /run 1777")]
    [InlineData("tmpfs: [/run, {path: /mnt, size: 64M, mode: 0755}]", "tmpfs /run 1777|tmpfs /mnt 0755 67108864")]
    [InlineData("tmpfs: {path: /run/, mode: \"700\"}", "tmpfs /run 700")]
    [InlineData("tmpfs: [/tmp/x/y, /dev/shm, {path: /tmp, size: 4K}]", "tmpfs /tmp 1777 4096|tmpfs /dev/shm 1777|tmpfs /tmp/x/y 1777")]
    [InlineData("volumes: [\"./conf:/etc/app:ro\", \"data:/var/lib/app\"]", "host /lab/conf /etc/app ro|data data /var/lib/app rw")]
    [InlineData("volumes: [\"conf/app.conf:/etc/app/app.conf:rw\"]", "host /lab/conf/app.conf /etc/app/app.conf rw")]
    [InlineData("volumes: [\"..:/mnt\", \"/home/me/:/run\", \".:/opt/a:ro\"]", "host / /mnt rw|host /home/me /run rw|host /lab /opt/a ro")]
    [InlineData("volumes: [{source: /srv/a:b, target: /mnt, read-only: true}, {source: d_1.x-y, target: /run}]", "host /srv/a:b /mnt ro|data d_1.x-y /run rw")]
    [InlineData("volumes: [\"conf/:/var/x/../lib/app\"]", "host /lab/conf /var/lib/app rw")]
    [InlineData("tmpfs: /run, volumes: [\"d:/run/not/there\", \"conf/app.conf:/run/app.conf\"]", "tmpfs /run 1777|host /lab/conf/app.conf /run/app.conf rw|data d /run/not/there rw")]
    [InlineData("volumes: [\"d:/mnt/new\", \"e:/mnt\"]", "data e /mnt rw|data d /mnt/new rw")]
    [InlineData("volumes: [\"sub:/mnt/new/one\", \"./sub:/mnt\"]", "host /lab/sub /mnt rw|data sub /mnt/new/one rw")]
    [InlineData("volumes: [\"d:/mnt/inner\", \"./sub:/mnt:ro\"]", "host /lab/sub /mnt ro|data d /mnt/inner rw")]
    [InlineData("volumes: [\"conf:/lab/conf:ro\"]", "data conf /lab/conf ro")]
    public void Mounts_are_read_in_the_order_in_which_they_are_made(string entry, string expected)
    {
        LabTopology lab = LabText.Valid(Yaml(entry), Machine);
        Assert.Equal(expected, string.Join('|', lab.Nodes[0].Mounts.Select(Show)));

        // What was found then is not looked for again.
        Assert.Equal(expected, string.Join('|', LabText.Valid(Yaml(entry), Surroundings.AsChecked(lab.Texts)).Nodes[0].Mounts.Select(Show)));
    }

    [Theory]
    [InlineData("tmpfs: run", "2:36", "'run' is not absolute: expected a path inside the node, from /", "/run")]
    [InlineData("tmpfs: ./run", "2:36", "'./run' is not absolute")]
    [InlineData("tmpfs: []", "2:36", "an empty list stands here")]
    [InlineData("tmpfs: [[/run]]", "2:37", "a list stands here: expected a path from /")]
    [InlineData("tmpfs: \"/run:size=64m\"", "2:36", "'/run:size=64m' has options behind a colon: expected a path from /, or a mapping such as {path: /scratch, size: 64M}")]
    [InlineData("tmpfs: {size: 1M}", "2:36", "a tmpfs has no 'path'")]
    [InlineData("tmpfs: {target: /run}", "2:37", "'target' is no key of a tmpfs", "path")]
    [InlineData("tmpfs: {path: /run, size: 1}", "2:55", "'1' is no size")]
    [InlineData("tmpfs: {path: /run, size: 3K}", "2:55", "'3K' is too small: expected 4K or more")]
    [InlineData("tmpfs: {path: /run, mode: 888}", "2:55", "'888' is no mode: expected permissions in octal digits")]
    [InlineData("tmpfs: {path: /run, mode: rwx}", "2:55", "'rwx' is no mode")]
    [InlineData("tmpfs: /rnu", "2:36", "'/rnu' is not there on this machine, whose files nodes see: expected a path that is there", "/run")]
    [InlineData("tmpfs: /etc/app/app.conf", "2:36", "'/etc/app/app.conf' is a file: expected a folder")]
    [InlineData("tmpfs: /", "2:36", "'/' is everything that the node sees")]
    [InlineData("tmpfs: /proc/sys", "2:36", "'/proc/sys' shows the node's own processes and links")]
    [InlineData("tmpfs: /dev/", "2:36", "'/dev/' has the devices in it")]
    [InlineData("tmpfs: /run/../etc", "2:36", "'/run/../etc' has /etc/hosts in it, which Cleave writes")]
    [InlineData("tmpfs: /lab", "2:36", "'/lab' would hide the lab file's folder, /lab")]
    [InlineData("tmpfs: [/run, /mnt/../run]", "2:43", "something is mounted on '/run' already, at 2:37")]
    [InlineData("tmpfs: /run, volumes: [\"x:/run\"]", "2:52", "something is mounted on '/run' already, at 2:36")]
    [InlineData("volumes: ./conf:/mnt", "2:38", "'./conf:/mnt' stands here: expected a list of SOURCE:TARGET")]
    [InlineData("volumes: [./conf]", "2:39", "'./conf' is no volume: expected SOURCE:TARGET or SOURCE:TARGET:ro")]
    [InlineData("volumes: [\"a:/b:/c:ro\"]", "2:39", "'a:/b:/c:ro' is no volume")]
    [InlineData("volumes: [\":/b\"]", "2:39", "':/b' is no volume")]
    [InlineData("volumes: [\"./conf:/mnt:or\"]", "2:39", "'or' stands at the end of './conf:/mnt:or': expected ro or rw", "ro")]
    [InlineData("volumes: [\"./conf:/mnt:z\"]", "2:39", "'z' stands at the end of")]
    [InlineData("volumes: [\"./cnof:/mnt\"]", "2:39", "'./cnof' is not there: expected a folder or file of the host", "./conf")]
    [InlineData("volumes: [\"/srv/nothing:/mnt\"]", "2:39", "'/srv/nothing' is not there")]
    [InlineData("volumes: [\"~/x:/mnt\"]", "2:39", "'~/x' is not expanded here: expected a path relative to the lab file's folder, or from /; ${env.HOME} is your home")]
    [InlineData("volumes: [\"-x:/mnt\"]", "2:39", "'-x' is neither a path nor a name")]
    [InlineData("volumes: [\"a b:/mnt\"]", "2:39", "'a b' is neither a path nor a name")]
    [InlineData("volumes: [\"x:mnt\"]", "2:39", "'mnt' is not absolute", "/mnt")]
    [InlineData("volumes: [\"./conf:/etc/apq\"]", "2:39", "'/etc/apq' is not there on this machine", "/etc/app")]
    [InlineData("volumes: [\"./conf:/etc/app/app.conf\"]", "2:39", "'/etc/app/app.conf' is a file: expected a folder, to mount './conf' on")]
    [InlineData("volumes: [\"conf/app.conf:/mnt\"]", "2:39", "'/mnt' is a folder, and 'conf/app.conf' a file: expected two files, or two folders")]
    [InlineData("volumes: [\"x:/etc/hosts\"]", "2:39", "'/etc/hosts' is written by Cleave, with every node's name ('aliases' adds to it)")]
    [InlineData("volumes: [\"x:/lab\"]", "2:39", "'/lab' would hide the lab file's folder")]
    [InlineData("volumes: [\"conf/app.conf:/etc/app/app.conf\", \"x:/etc/app/app.conf/y\"]", "2:74", "'/etc/app/app.conf/y' is below '/etc/app/app.conf', which is a file")]
    [InlineData("volumes: [\"./sub:/mnt:ro\", \"x:/mnt/innre\"]", "2:56", "expected a path that is there, as '/mnt' is read-only", "/mnt/inner")]
    [InlineData("volumes: [{source: ./conf}]", "2:39", "a volume has no 'target'")]
    [InlineData("volumes: [{source: ./cnof, target: /mnt}]", "2:48", "'./cnof' is not there", "./conf")]
    [InlineData("volumes: [{source: ./conf, target: /mnr}]", "2:64", "'/mnr' is not there", "/mnt")]
    [InlineData("volumes: [{source: ./conf, target: /mnt, read_only: true}]", "2:70", "'read_only' is no key of a volume", "read-only")]
    [InlineData("volumes: [{source: ./conf, target: /mnt, read-only: yes}]", "2:81", "'yes' stands here: expected true or false", "true")]
    [InlineData("volumes: [{type: bind, source: ./conf, target: /mnt}]", "2:40", "'type' is no key of a volume: its source says what it is")]
    public void A_mistake_is_reported_once(string entry, string at, string words, string? suggestion = null) =>
        LabText.HasOneMistake(Yaml(entry), at, words, suggestion, Machine);

    private static string Yaml(string entry) => $"cleave: 1\nnodes: {{a: {{ip: 172.23.0.1, {entry}}}}}";

    private static string Show(NodeMount mount) => mount switch
    {
        NodeMount.Tmpfs t => $"tmpfs {t.Target} {t.Mode}{(t.Size is { } size ? $" {size}" : "")}",
        NodeMount.Host h => $"host {h.Source} {h.Target} {(h.ReadOnly ? "ro" : "rw")}",
        NodeMount.Data d => $"data {d.Name} {d.Target} {(d.ReadOnly ? "ro" : "rw")}",
        _ => "",
    };
}
