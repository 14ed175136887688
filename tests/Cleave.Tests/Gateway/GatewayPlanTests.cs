using System.Net;
using Cleave.Gateway;

namespace Cleave.Tests.Gateway;

public class GatewayPlanTests
{
    private static readonly HostFacts Closed = Hosts.Bare with
    {
        Firewall = new FirewallFacts(
            false,
            [new("inet", "filter", "input", "input"), new("inet", "filter", "forward", "forward"), new("ip6", "six", "forward", "forward")],
            [],
            [new("iptables", ["FORWARD", "INPUT"], []), new("iptables-legacy", ["FORWARD"], []), new("ip6tables", ["FORWARD", "INPUT"], [])]),
    };

    public static TheoryData<string> Machines() => ["bare", "closed", "forwards", "lan", "nobody", "six", "six-closed", "six-forced", "six-forwards"];

    private static HostFacts Machine(string name) => name switch
    {
        "bare" => Hosts.Bare,
        "closed" => Closed,
        "forwards" => Hosts.Bare with { Forwards = true },
        "lan" => Hosts.Bare with { Resolvers = Hosts.Asking("192.168.1.1") },
        "six" => Hosts.Bare with { IPv6 = new("eth0", false, []) },
        "six-closed" => Closed with { IPv6 = new("eth0", false, []) },
        "six-forced" => Hosts.Bare with { IPv6 = new("eth0", false, ["eth0"]) },
        "six-forwards" => Hosts.Bare with { IPv6 = new("eth0", true, null) },
        "nobody" => Hosts.Bare with { Resolvers = Hosts.Asking() },
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    [Theory]
    [MemberData(nameof(Machines))]
    public void What_is_made_is_taken_away_again_and_then_there_is_nothing_to_do(string name)
    {
        HostFacts before = Machine(name);
        GatewayPlan create = GatewayPlan.Create(before, null, firewall: true);
        Assert.StartsWith("pid=$(", GatewayScript.Print(create, isRoot: false), StringComparison.Ordinal);
        HostFacts made = Hosts.After(before, create.Steps);

        Assert.Empty(GatewayPlan.Missing(made)!.Value);
        Assert.Empty(GatewayPlan.Create(made, null, firewall: true).Steps);
        Same(before, Hosts.After(made, GatewayPlan.Destroy(made).Steps));
        Assert.Empty(GatewayPlan.Destroy(before).Steps);
        Assert.Null(GatewayPlan.Missing(before));
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public void Interrupted_anywhere_the_next_create_or_destroy_repairs_it(string name)
    {
        HostFacts before = Machine(name);
        GatewayPlan create = GatewayPlan.Create(before, null, firewall: true);
        HostFacts whole = Hosts.After(before, create.Steps);
        GatewayPlan destroy = GatewayPlan.Destroy(whole);
        IEnumerable<HostFacts> halves =
        [
            .. Enumerable.Range(0, create.Steps.Length).Select(n => Hosts.After(before, create.Steps.Take(n))),
            .. Enumerable.Range(0, destroy.Steps.Length).Select(n => Hosts.After(whole, destroy.Steps.Take(n))),
        ];

        Assert.All(halves, half =>
        {
            Same(before, Hosts.After(half, GatewayPlan.Destroy(half).Steps));
            HostFacts again = Hosts.After(half, GatewayPlan.Create(half, null, firewall: true).Steps);
            Assert.Empty(GatewayPlan.Missing(again)!.Value);
            Assert.Distinct(again.Firewall!.Marked.Select(m => m with { Handle = 0 }));
            Assert.All(again.Firewall.Iptables, i => Assert.Distinct(i.Marked));
            Same(before, Hosts.After(again, GatewayPlan.Destroy(again).Steps));
        });
    }

    [Fact]
    public void Every_step_that_makes_something_is_undone_by_one_or_goes_with_the_cable()
    {
        GatewayPlan create = GatewayPlan.Create(Closed, null, firewall: true);
        var undo = create.Steps.Select(s => s.Undo).OfType<GatewayStep>().ToList();
        GatewayStep[] undone = [.. GatewayPlan.Destroy(Hosts.After(Closed, create.Steps)).Steps];

        Assert.Equal(
            undone.Where(s => s is not GatewayStep.CloseChain).Select(s => s.Command("")).Order(),
            undo.Where(s => s is not GatewayStep.StopHolder).Select(s => s.Command("")).Order());
        Assert.Equal(create.Steps.Count(s => s is GatewayStep.OpenChain), undone.Count(s => s is GatewayStep.CloseChain));
    }

    [Fact]
    public void A_resolver_that_has_moved_to_another_address_of_the_host_gets_new_rules()
    {
        HostFacts made = Hosts.After(Closed, GatewayPlan.Create(Closed, null, firewall: true).Steps);
        HostFacts moved = made with { Resolvers = Hosts.Asking("127.0.0.53") };
        Assert.Equal(["the way to the host's resolver 127.0.0.53"], GatewayPlan.Missing(moved)!.Value);

        GatewayPlan mend = GatewayPlan.Create(moved, null, firewall: true);
        Assert.DoesNotContain(mend.Steps, s => s is GatewayStep.StartHolder or GatewayStep.DeleteCable or GatewayStep.ConnectInside);
        Assert.DoesNotContain("127.0.0.1 ", string.Concat(mend.Steps.Where(s => s is not GatewayStep.CloseIptables).Select(s => s.Command(""))), StringComparison.Ordinal);
        HostFacts mended = Hosts.After(moved, mend.Steps);
        Assert.Empty(GatewayPlan.Missing(mended)!.Value);
        Assert.Empty(GatewayPlan.Create(mended, null, firewall: true).Steps);
        Same(Closed, Hosts.After(mended, GatewayPlan.Destroy(mended).Steps));

        // On the LAN now: labs ask there, and what leads to the host does no harm.
        Assert.Empty(GatewayPlan.Missing(made with { Resolvers = Hosts.Asking("192.168.1.1") })!.Value);
    }

    [Fact]
    public void Forwarding_that_somebody_has_switched_off_is_switched_on_again()
    {
        HostFacts made = Hosts.After(Machine("forwards"), GatewayPlan.Create(Machine("forwards"), null, firewall: true).Steps) with { Forwards = false };
        Assert.Equal(["forwarding (net.ipv4.ip_forward)"], GatewayPlan.Missing(made)!.Value);
        Assert.Equal([new GatewayStep.Forward()], GatewayPlan.Create(made, null, firewall: true).Steps);
    }

    [Fact]
    public void After_a_boot_the_folder_is_all_that_is_left()
    {
        GatewayPlan destroy = GatewayPlan.Destroy(Hosts.Bare with { HasFolder = true });
        Assert.Equal($"rm -rf {Hosts.Folder}\n", GatewayScript.Print(destroy, isRoot: false));
    }

    [Fact]
    public void A_host_that_forwards_already_goes_on_doing_so()
    {
        HostFacts before = Machine("forwards");
        GatewayPlan create = GatewayPlan.Create(before, null, firewall: true);
        Assert.DoesNotContain(create.Steps, s => s is GatewayStep.Forward);
        Assert.DoesNotContain(GatewayPlan.Destroy(Hosts.After(before, create.Steps)).Steps, s => s is GatewayStep.StopForwarding);
    }

    [Fact]
    public void Of_two_users_each_has_a_network_and_the_last_one_stops_forwarding()
    {
        HostFacts first = Hosts.After(Hosts.Bare, GatewayPlan.Create(Hosts.Bare, null, firewall: true).Steps);
        HostFacts both = Seen(first, 1001);
        both = Hosts.After(both, GatewayPlan.Create(both, null, firewall: true).Steps);

        Assert.Equal(("cleave1001", "172.24.0.0/16"), (both.Name, both.Mark!.Network.ToString()));
        HostFacts one = Seen(both, 1000) with { HasFolder = true, Held = first.Held, Firewall = first.Firewall };
        Assert.DoesNotContain(GatewayPlan.Destroy(one).Steps, s => s is GatewayStep.StopForwarding);
        HostFacts left = Hosts.After(one, GatewayPlan.Destroy(one).Steps);
        HostFacts last = Seen(left, 1001) with { HasFolder = true, Held = both.Held, Firewall = both.Firewall };
        Assert.Contains(GatewayPlan.Destroy(last).Steps, s => s is GatewayStep.StopForwarding);

        static HostFacts Seen(HostFacts host, uint uid) =>
            new(uid, $"/run/user/{uid}/cleave/gateway") { Links = host.Links, Used = host.Used, Forwards = host.Forwards, Resolvers = host.Resolvers, Firewall = FirewallFacts.None };
    }

    [Theory]
    [InlineData("172.23.0.0/16", null, "172.23.0.0/16, a route by docker0; --network 172.24.0.0/16 is free")]
    [InlineData("172.23.4.0/30", null, "172.23.4.0/30, a route by docker0")]
    [InlineData("172.16.0.0/12", null, "--network, such as 10.99.0.0/16")]
    [InlineData("10.99.1.0/24", "10.99.0.0/16", "the host uses addresses of 10.99.0.0/16 already")]
    public void What_the_host_uses_already_is_refused_by_name(string used, string? wanted, string said)
    {
        HostFacts facts = Hosts.Bare with { Used = [Hosts.Use(used, "docker0")] };
        var refused = Assert.Throws<MachineException>(() => GatewayPlan.Create(facts, wanted is null ? null : GatewayNetwork.Parse(wanted), firewall: true));
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("eth0", false, false, null, "no IPv6: the host does not forward it")]
    [InlineData("eth0", false, true, "fd63:6c65:6176:ac17:1::/80", "no IPv6: the host uses addresses of fd63:6c65:6176:ac17::/64 already: fd63:6c65:6176:ac17:1::/80, a route by docker0")]
    [InlineData(null, true, true, null, null)]
    public void Where_IPv6_does_not_lead_out_though_the_host_has_it_the_reason_is_said(string? wayOut, bool forwards, bool canForce, string? used, string? note)
    {
        HostFacts facts = Hosts.Bare with { IPv6 = new(wayOut, forwards, canForce ? [] : null), Used = used is null ? [] : [Hosts.Use(used, "docker0")] };
        GatewayPlan plan = GatewayPlan.Create(facts, null, firewall: true);

        Assert.DoesNotContain("fd63:", string.Concat(plan.Steps.Select(s => s.Command(""))), StringComparison.Ordinal);
        Assert.Equal(note is null ? 0 : 1, plan.Notes.Length);
        Assert.Contains(note ?? "", string.Concat(plan.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_way_out_of_everything_is_no_use_of_an_address() =>
        Assert.NotEmpty(GatewayPlan.Create(Hosts.Bare with { Used = [Hosts.Use("128.0.0.0/1", "tun0")] }, null, firewall: true).Steps);

    [Fact]
    public void Another_network_is_taken_only_after_the_first_is_gone()
    {
        HostFacts made = Hosts.After(Hosts.Bare, GatewayPlan.Create(Hosts.Bare, null, firewall: true).Steps);
        Assert.Contains("cleave gateway destroy", Assert.Throws<InputException>(() => GatewayPlan.Create(made, GatewayNetwork.Parse("10.99.0.0/16"), true)).Message, StringComparison.Ordinal);
        Assert.Contains("cleave gateway destroy", Assert.Throws<InputException>(() => GatewayPlan.Create(made, null, false)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rules_left_to_the_user_are_printed_and_not_run()
    {
        GatewayPlan plan = GatewayPlan.Create(Closed, null, firewall: false);
        string[] rules = [.. GatewayPlan.Create(Closed, null, firewall: true).Steps.Except(plan.Steps).Where(s => s is not GatewayStep.MarkCable).Select(s => s.Command("sudo "))];

        Assert.Equal(rules, plan.Left.Select(s => s.Command("sudo ")));
        Assert.DoesNotContain(plan.Steps, s => s is GatewayStep.AddTable or GatewayStep.OpenChain or GatewayStep.OpenIptables);
        Assert.Contains("# sudo iptables -w -C FORWARD -i cleave1000 ", GatewayScript.Print(plan, isRoot: false), StringComparison.Ordinal);
        HostFacts made = Hosts.After(Closed, plan.Steps);
        Assert.Empty(GatewayPlan.Missing(made)!.Value);
        Same(Closed, Hosts.After(made, GatewayPlan.Destroy(made).Steps));
    }

    [Fact]
    public void Chains_that_lose_what_nobody_accepts_get_rules_of_ours_and_each_program_its_own()
    {
        string script = GatewayScript.Print(GatewayPlan.Create(Closed, null, firewall: true), isRoot: true);
        Assert.DoesNotContain("sudo", script, StringComparison.Ordinal);
        Assert.Contains("nft 'insert rule inet filter forward iifname \"cleave1000\" accept comment \"cleave1000 out\"'", script, StringComparison.Ordinal);
        Assert.Contains("nft 'insert rule inet filter input iifname \"cleave1000\" ip daddr 127.0.0.1 udp dport 53 accept comment \"cleave1000 udp\"'", script, StringComparison.Ordinal);
        Assert.Contains("iptables-legacy -w -C FORWARD -i cleave1000 -m comment --comment cleave1000 -j ACCEPT 2>/dev/null || iptables-legacy -w -I FORWARD ", script, StringComparison.Ordinal);
        Assert.DoesNotContain("iptables-legacy -w -C INPUT", script, StringComparison.Ordinal);
        Assert.DoesNotContain("ip6", script, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_nobody_could_look_the_script_says_so_and_checks_by_itself()
    {
        string script = GatewayScript.Print(GatewayPlan.Create(Hosts.Bare with { Firewall = null }, null, firewall: true), isRoot: false);
        Assert.Contains("# Note: only root can see which firewall there is", script, StringComparison.Ordinal);
        Assert.Contains("sudo iptables -w -C FORWARD ", script, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0u, "cleave0")]
    [InlineData(999_999_999u, "cleave999999999")]
    [InlineData(1_712_801_104u, "clv1712801104")]
    public void Names_of_links_have_fifteen_characters_at_most(uint uid, string name) => Assert.Equal(name, GatewayMark.NameOf(uid));

    [Fact]
    public void A_mark_says_what_it_was_made_of()
    {
        foreach (GatewayMark mark in (GatewayMark[])
            [new(GatewayNetwork.Usual[0], true, IPAddress.Loopback, true), new(GatewayNetwork.Parse("10.99.0.0/16"), false, null, false) { IPv6 = true, Forced = "eth0.7=x" }])
        {
            Assert.Equal(mark, GatewayMark.Parse(mark.ToString()));
        }

        Assert.All((string?[])[null, "", "cleave gateway", "cleave gateway network=x", "of somebody else"], a => Assert.Null(GatewayMark.Parse(a)));
    }

    private static void Same(HostFacts expected, HostFacts actual) => Assert.Equal(Describe(expected), Describe(actual));

    private static string Describe(HostFacts f) => string.Join('\n',
        [
            .. f.Links.Select(l => l.ToString()), .. f.Used.Select(u => u.ToString()), $"{f.Forwards} {f.RoutesLoopback} {f.HasFolder} {string.Join(' ', f.IPv6.Forcing ?? [])}", .. f.Held,
            .. f.Holders.Select(h => $"{h}"), $"{f.Firewall!.OwnTable}", .. f.Firewall.Marked.Select(m => m.ToString()), .. f.Firewall.Iptables.SelectMany(i => i.Marked),
        ]);
}
