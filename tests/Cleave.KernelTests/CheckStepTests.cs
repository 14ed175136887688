using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

/// <summary>Every kind of check, as it holds and as it fails.</summary>
public sealed class CheckStepTests : ScenarioTest
{
    // Answers UDP with "pong", and HTTP with what the path asks for.
    private const string Server =
        """
        import http.server, json, socket, threading, sys
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("", 5353))
        def echo():
            while True:
                data, peer = udp.recvfrom(2000)
                if data == b"ping": udp.sendto(b"pong", peer)
        threading.Thread(target=echo, daemon=True).start()
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = json.dumps({"role": "leader" if self.path == "/role" else "none", "members": ["n1", "n2"], "host": self.headers["Host"]}).encode()
                self.send_response(503 if self.path == "/sick" else 200)
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *_): pass
        server = http.server.ThreadingHTTPServer(("", 8000), Handler)
        print("serving", flush=True)
        server.serve_forever()
        """;

    protected override string Nodes =>
        $$$"""
        cleave: 1
        nodes:
          a: {ip: 172.23.0.1, run: "echo I am a; exec sleep 1000", ready: {log: I am}}
          b: {ip: 172.23.0.2, run: "echo I am b; exec sleep 1000", ready: {log: I am}}
          done: {ip: 172.23.0.3, run: "echo I was; exit 0", job: true}
          web: {ip: 172.23.0.4, run: [{{{Tool.Python}}}, server.py], ready: {log: serving}}
        scenarios:

        """;

    [Fact]
    public async Task Every_kind_of_check_passes_where_it_holds() => await PassAsync(
        """
          reach:
            - expect: {from: all, to: [a, b], is: reachable}
            - expect: {from: [a, b], to: web, tcp: 8000, is: reachable}
            - expect: {from: a, to: web, udp: 5353, send: ping, is: reachable}
            - expect: {from: a, to: web, udp: 5353, send: other, is: unreachable}
            - expect: {from: a, to: web, udp: 5354, is: refused}
            - expect: {from: a, to: web, http: ":8000/role", body: "leader", json: {role: leader, members: [n2], host: "web:8000"}}
            - expect: {from: a, to: web, http: ":8000/sick", status: 503}
            - expect: {from: a, to: web, http: {port: 8000, path: /sick}, is: reachable}
            - expect: {from: a, to: web, http: ":8001", is: refused}
            - isolate: web
            - expect: {from: [a, b], to: web, http: ":8000", is: unreachable}
            - expect: {from: a, to: web, udp: 5353, send: ping, is: unreachable}
            - expect: {from: a, to: all, is: reachable, exactly: 2}
              for: 200ms
          node:
            - expect: {node: [a, b], state: running}
            - expect: {node: [a, web], state: ready}
            - expect: {node: done, state: ended, exit: 0}
              within: 10s
            - expect: {node: all, state: ready, exactly: 3}
            - expect: {node: all, run: hostname, output: "^a$", exactly: 1}
            - expect: {node: a, run: "exit 3", exit: 3}
            - expect: {run: "echo '[1, {\"x\": null}]'", json: [{x: null}]}
            - expect: {node: [a, b], log: "^I am .$"}
            - expect: {node: all, log: panic, is: absent}
            - expect: {node: a, log: I am, is: absent, since: step}
            - wait: {ready: all}
            - stop: a
            - start: a
            - wait: {ready: a}
            - expect: {node: a, state: ready}
            - wait: {run: "test $(hostname) = b", node: b}
        """);

    private static readonly (string Step, string Expected, string Seen, string Log)[] Failing =
    [
        ("expect: {from: [a, b], to: web, tcp: 8001, is: reachable}", "expected web to be reachable from a and b by tcp port 8001; after", "it held of 0 of 2:\n    web from a was refused\n    web from b was refused", "I am b"),
        ("expect: {from: a, to: web, udp: 5354, is: unreachable}", "expected web to be unreachable from a by udp port 5354; after", "it was refused", "web's last lines:\n    serving"),
        ("expect: {from: a, to: web, http: \":8000/sick\"}", "expected web to answer http GET :8000/sick from a with status 2xx; after", "it answered with status 503: {\"role\": \"none\"", "serving"),
        ("expect: {from: a, to: web, http: \":8000/role\", body: follower}", "with status 2xx, a body that matches /follower/; after", "answered with status 200; had nothing in the body that matches: {\"role\"", "serving"),
        ("expect: {from: a, to: web, http: \":8000/role\", json: {role: follower}}", "JSON that has {\"role\":\"follower\"}; after", "had other JSON: $.role is \"leader\"", "serving"),
        ("expect: {from: a, to: web, http: \":8000\", is: unreachable}", "expected web to be unreachable from a by http GET :8000/; after", "it answered with status 200", "serving"),
        ("expect: {node: [a, b], run: \"test $(hostname) = a\"}", "expected `test $(hostname) = a` on a and b to end with exit code 0; after", "it held of 1 of 2:\n    b ended with exit code 1; it printed nothing", "b's last lines:\n    I am b"),
        ("expect: {node: all, run: hostname, output: \"^[ab]$\", exactly: 1}", "expected exactly 1 of 4: `hostname` on all nodes to end with exit code 0 and to print what matches /^[ab]$/; after", "it held of 2 of 4:\n    a ended with exit code 0; it printed:\n    a: holds", "I am a"),
        ("expect: {run: \"echo no\", json: {a: 1}}", "expected `echo no` on fabric to end", "it had no JSON in the output", "it printed:\n    no"),
        ("expect: {node: a, state: ended}", "expected a to be ended; after", "it was ready", "I am a"),
        ("expect: {node: done, exit: 1}\n      within: 5s", "expected done to be ended with exit code 1 within 5s; after 5", "it was ended with exit code 0", "I was"),
        ("expect: {node: [a, b], log: I am a}", "expected a line that matches /I am a/ in the log of a and b; after", "b had no such line", "I am b"),
        ("expect: {node: [a, web], log: serving, is: absent}", "expected no line that matches /serving/ in the log of a and web; after", "web had the line: serving", "serving"),
        ("wait: {run: \"echo no; false\", node: a}\n      within: 300ms", "expected `echo no; false` on a to end with exit code 0 within 300ms; after", "it ended with exit code 1; it printed:\n    no", "I am a"),
        ("wait: {run: \"sleep 1000\"}\n      within: 300ms", "expected `sleep 1000` on fabric", "it has not ended once", "s into the scenario"),
        ("stop: a\n    - wait: {ready: all}\n      within: 300ms", "expected all nodes to be ready within 300ms; a is stopped", "s into the scenario", "a's last lines:\n    I am a"),
        ("wait: {log: never, node: [a, b]}\n      within: 300ms", "expected a line that matches /never/ in the log of a and b within 300ms, saw none", "I am a", "b's last lines:\n    I am b"),
    ];

    protected override void Prepare(CleaveCommand cleave) => cleave.Write("server.py", Server);

    // In parts, since each scenario has a lab, and a busy machine takes its time.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Every_kind_of_check_fails_where_it_does_not_and_says_why(int part)
    {
        (string Step, string Expected, string Seen, string Log)[] failing = [.. Failing.Where((_, i) => i % 4 == part)];
        string[] failures = await FailAsync(string.Concat(failing.Select((f, i) => $"  s{i}:\n    - {f.Step}\n")));
        foreach (((_, string expected, string seen, string log), string failure) in failing.Zip(failures))
        {
            Assert.Contains(expected, failure, StringComparison.Ordinal);
            Assert.Contains(seen, failure, StringComparison.Ordinal);
            Assert.Contains(log, failure, StringComparison.Ordinal);
            Assert.Matches(@"\n\([0-9.]+ s into the scenario, [0-9:]{8}\.[0-9]{3}Z\)", failure);
        }
    }
}
