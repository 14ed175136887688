using Cleave.Namespaces;
using Cleave.Topology;

namespace Cleave.Tests.Topology;

/// <summary>Whom a node's programs run as.</summary>
public class UserTests
{
    private static readonly Surroundings Machine = LabText.With(
        ("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\napp:x:1000:1001:,,,:/home/app:/bin/sh\nbroken:line\n"),
        ("/etc/group", "root:x:0:\nadm:x:4:app,www-data\nwww-data:x:33:\napp:x:1001:\ndocker:x:998:x,app\nempty:x:5:\n"));

    [Theory]
    [InlineData("www-data", "33:33 [33,4] www-data /var/www")]
    [InlineData("app", "1000:1001 [1001,4,998] app /home/app")]
    [InlineData("1000", "1000:1001 [1001,4,998] app /home/app")]
    [InlineData("4242", "4242:0 [0]  ")]
    [InlineData("4242:998", "4242:998 [998]  ")]
    [InlineData("1000:5", "1000:5 [5] app /home/app")]
    [InlineData("app:adm", "1000:4 [4] app /home/app")]
    [InlineData("root", "0:0 [0] root /root")]
    [InlineData("4294967294", "4294967294:0 [0]  ")]
    public void A_user_is_looked_up(string text, string expected)
    {
        LabTopology lab = LabText.Valid(Yaml(text), Machine);
        Assert.Equal(expected, Show(lab.Nodes[0].User!));
        Assert.Equal(expected, Show(LabText.Valid(Yaml(text), Surroundings.AsChecked(lab.Texts)).Nodes[0].User!));
    }

    [Fact]
    public void Without_one_it_is_nobody_in_particular() => Assert.Null(LabText.Valid("cleave: 1\nnodes: {a: {ip: 172.23.0.1}}").Nodes[0].User);

    [Theory]
    [InlineData("www-dta", "'www-dta' is no user of this machine (/etc/passwd): expected one, or a user id", "www-data")]
    [InlineData("nobody-here", "'nobody-here' is no user of this machine")]
    [InlineData("www-dta:adm", "'www-dta' in 'www-dta:adm' is no user of this machine", "www-data:adm")]
    [InlineData("app:amd", "'amd' in 'app:amd' is no group of this machine (/etc/group): expected one, or a group id", "app:adm")]
    [InlineData("1:2:3", "'1:2:3' is no user: expected a user's name or id, and behind a colon a group's")]
    [InlineData("app:", "'app:' is no user")]
    [InlineData(":adm", "':adm' is no user")]
    [InlineData("4294967295", "'4294967295' is no user id: expected 0 to 4294967294")]
    [InlineData("0:99999999999", "'99999999999' in '0:99999999999' is no group id")]
    [InlineData("-1", "'-1' is no user of this machine")]
    public void A_user_that_there_is_not_is_reported(string text, string words, string? suggestion = null) =>
        LabText.HasOneMistake(Yaml(text), "2:35", words, suggestion, Machine);

    [Theory]
    [InlineData("control: true", true)]
    [InlineData("control: false", false)]
    [InlineData("run: x", false)]
    public void Only_who_says_so_controls_the_lab(string entry, bool control) =>
        Assert.Equal(control, LabText.Valid($"cleave: 1\nnodes: {{a: {{ip: 172.23.0.1, {entry}}}}}").Nodes[0].Control);

    [Fact]
    public void Control_is_true_or_false() => LabText.HasOneMistake("cleave: 1\nnodes: {a: {ip: 172.23.0.1, control: yes}}", "2:38", "'yes' stands here: expected true or false", "true");

    [Fact]
    public void A_list_is_no_user() => LabText.HasOneMistake("cleave: 1\nnodes: {a: {ip: 172.23.0.1, user: [app]}}", "2:35", "a list stands here: expected a user's name or id");

    [Theory]
    [InlineData("0 1000 1", 0, 0, null)]
    [InlineData("0 1000 1", 33, 33, "in this lab there is only user id 0")]
    [InlineData("0 1000 1\n1 100000 65536", 65536, 65536, null)]
    [InlineData("1 100000 65536\n0 1000 1", 65537, 0, "in this lab there are user ids 0 to 65536")]
    [InlineData("0 0 4294967295", 4294967294, 33, null)]
    [InlineData("0 1000 1\n1 100000 65536", 33, 70000, "the group id is 70000, and in this lab there are group ids 0 to 65536")]
    public void Only_ids_that_are_mapped_exist_in_a_lab(string map, uint uid, uint gid, string? whyNot)
    {
        var ranges = LabIds.Parse(map.Split('\n'));
        Assert.Equal(whyNot, new LabIds(ranges, ranges).WhyNot(new NodeUser(uid, gid, [gid], null, null)));
    }

    [Fact]
    public void Groups_that_do_not_exist_in_a_lab_are_left_out()
    {
        var ranges = LabIds.Parse(["0 1000 1", "1 100000 100"]);
        Assert.Equal([33u, 4u], new LabIds(ranges, ranges).Confine(new NodeUser(33, 33, [33, 998, 4], null, null)).Groups);
    }

    private static string Yaml(string user) => $"cleave: 1\nnodes: {{a: {{ip: 172.23.0.1, user: \"{user}\"}}}}";

    private static string Show(NodeUser user) => $"{user.Uid}:{user.Gid} [{string.Join(',', user.Groups)}] {user.Name} {user.Home}";
}
