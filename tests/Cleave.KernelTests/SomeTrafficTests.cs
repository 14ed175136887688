using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>Cuts of some traffic, and cuts that the sender is told of.</summary>
public sealed class SomeTrafficTests : ScenarioTest
{
    protected override string Nodes =>
        """
        cleave: 1
        networks: {lan: {subnet: [172.23.0.0/24, "fd00:1::/64"]}}
        nodes:
          a: {ip: [172.23.0.1, "fd00:1::1"]}
          b:
            ip: [172.23.0.2, "fd00:1::2"]
            run: "python3 -m http.server --bind :: 80 & exec python3 -m http.server --bind :: 8080"
            ready: {tcp: 8080}
          c:
            ip: [172.23.0.3, "fd00:1::3"]
            run: "python3 -m http.server --bind :: 80"
            ready: {tcp: 80}
        scenarios:

        """;

    [Fact]
    public Task Only_the_traffic_that_is_named_is_lost_and_only_on_its_way_there() => PassAsync(
        """
          ports:
            - expect: {from: a, to: b, tcp: 80, is: reachable}
              within: 10s
            - cut: {from: a, to: b, tcp: [80, 9000-9010]}
            - expect: {from: a, to: b, tcp: 80, is: unreachable}
            - expect: {from: a, to: b, tcp: 8080, is: reachable}
            - expect: {from: a, to: b, icmp: true, is: reachable}
            - expect: {from: a, to: c, tcp: 80, is: reachable}
            - run: python3 -c 'import urllib.request; urllib.request.urlopen("http://[fd00:1::2]:8080/", timeout=5)'
              node: a
            - run: python3 -c 'import urllib.request; urllib.request.urlopen("http://[fd00:1::2]:80/", timeout=1)' && exit 1 || exit 0
              node: a
            - mend: {from: a, to: b, udp: all}
            - expect: {from: a, to: b, tcp: 80, is: unreachable}
            - mend: {from: a, to: b}
            - expect: {from: a, to: b, tcp: 80, is: reachable}
          protocols:
            - during: {isolate: {nodes: b, icmp: true}}
              steps:
                - expect: {from: a, to: b, icmp: true, is: unreachable}
                - expect: {from: b, to: c, icmp: true, is: unreachable}
                - expect: {from: a, to: b, tcp: 8080, is: reachable}
            - expect: {from: a, to: b, icmp: true, is: reachable}
        """);

    [Fact]
    public Task A_cut_can_answer_as_a_closed_port_or_as_a_firewall_does()
    {
        Tool.Require("nft", "nftables");
        return PassAsync(
            """
              reset:
                - expect: {from: a, to: b, tcp: 80, is: reachable}
                  within: 10s
                - isolate: {nodes: b, mode: reset}
                - expect: {from: a, to: b, tcp: 80, is: refused}
                - expect: {from: b, to: c, tcp: 80, is: refused}
                - expect: {from: a, to: b, udp: 99, send: x, is: refused}
                - expect: {from: a, to: c, tcp: 80, is: reachable}
              reject:
                - cut: {from: a, to: b, mode: reject}
                - expect: {from: a, to: b, tcp: 8080, is: refused}
                  within: 5s
                - run: ping -nc1 -W2 -4 b | grep 'Packet filtered'
                  node: a
                - run: ping -nc1 -W2 -6 b | grep -i 'administratively prohibited'
                  node: a
              silence-wins:
                - cut: {from: a, to: b, mode: reset}
                - isolate: b
                - expect: {from: a, to: b, tcp: 8080, is: unreachable}
            """);
    }

    [Fact]
    public Task An_established_connection_is_reset_by_a_cut_that_resets() => PassAsync(
        """
          established:
            - run: |
                cat >/tmp/long.py <<'PY'
                import socket, sys, time
                s = socket.create_connection(("172.23.0.2", 8080), 5)
                open("/tmp/connected", "w").close()
                try:
                    while True:
                        s.sendall(b"G")
                        time.sleep(0.05)
                except ConnectionResetError:
                    sys.exit(3)
                PY
              node: a
            - parallel:
                - run: timeout 20 python3 /tmp/long.py; test $? = 3
                  node: a
                - - wait: {run: test -e /tmp/connected, node: a}
                  - cut: {from: a, to: b, mode: reset}
        """);
}
