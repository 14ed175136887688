using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Cleave.Scenarios;
using Cleave.Topology;

namespace Cleave.Tests.Topology;

/// <summary>Lab files as text, and what is read from them.</summary>
internal static class LabText
{
    public const string Path = "/lab/cleave.yaml";

    /// <summary>Everything the file can say.</summary>
    public const string Full = """
        # a comment
        cleave: 1
        x-base: &base
          env: {A: "1", B: yes}
          ready: {tcp: 8000, within: 10s}
        networks:
          lan: {subnet: [172.23.0.0/24, "fd00:23::/64"], mtu: 1400}
          wan:
            subnet: 10.0.0.0/8
        nodes:
          nginx:
            ip: 172.23.0.1
            run: nginx -c "$PWD/nginx.conf"
            ready: {tcp: 8000, within: 10s}
          app:
            <<: *base
            networks: {lan: [172.23.0.2, "fd00:23::2"], wan: {ip: 10.1.2.3, interface: wan0}}
            run: [python3, app.py, 5]
            dir: sub/dir
            job: true
          db:
            ip: 172.23.0.3
            env: {PORT: 5000, EMPTY: , QUOTED: "a b"}
            ready: {log: "^ready [0-9]+"}
        scenarios:
          flaky:
            - repeat: 5
              name: five times
              steps:
                - during: {isolate: app}
                  for: 1s
                - sleep: 1.5s
            - isolate: [app, nginx]
            - heal
            - heal:
          leader-lost_2:
            - name: find the leader
              run: etcdctl status | ./leader.py $${save.not}
              node: app
              within: 1m
              save: leader
            - isolate: "${save.leader}"
            - run: [echo, "${save.leader}"]
            - expect: {from: nginx, to: app, tcp: 2380, is: unreachable}
              within: 5s
            - expect: {from: app, to: nginx, icmp: true, is: reachable}
              for: 500ms
            - expect: {from: app, to: "${save.leader}", is: refused}
            - cut: {from: [nginx, app], to: db, network: lan}
            - mend: {between: [nginx, app, db]}
            - split: [[nginx, app], [app, db], nginx]
            - disjoint: [[nginx, app], db]
            - during: {cut: {from: app, to: db}}
              steps:
                - wait: {node: db, log: started}
                - wait: {node: db, log: again}
                  within: 2h
            - parallel:
                - sleep: 1s
                - - run: "true"
                  - heal
        """;

    /// <summary>Three nodes, c on a network of its own; what follows stands under <c>s:</c>, one scenario.</summary>
    public const string Steps = """
        cleave: 1
        networks: {lan: {subnet: 172.23.0.0/24}, wan: {subnet: 10.0.0.0/24}}
        nodes:
          alpha: {ip: 172.23.0.1}
          beta: {ip: 172.23.0.2}
          gamma: {ip: 10.0.0.3}
          delta: {networks: {lan: 172.23.0.4, wan: 10.0.0.4}}
        scenarios:
          s:
        """;

    public static ReadResult Read(string yaml) => TopologyReader.Parse(Path, Encoding.UTF8.GetBytes(yaml));

    /// <summary>A machine with these files, by absolute path, and the folders above them; a path that ends with a slash is an empty folder.</summary>
    public static Surroundings With(params (string Path, string Text)[] files) => With([.. files.Select(f => (f.Path, Encoding.UTF8.GetBytes(f.Text)))]);

    /// <summary>The same with bytes.</summary>
    public static Surroundings With((string Path, byte[] Bytes)[] files)
    {
        var entries = files.SelectMany(f => Above(f.Path)).ToHashSet(StringComparer.Ordinal);
        return new(
            path => files.FirstOrDefault(f => f.Path == path).Bytes is { } bytes ? (bytes, null)
                : entries.Contains(path) ? (null, "this is a folder") : (null, "there is no such file"),
            path => files.Any(f => f.Path == path) ? PathKind.File : entries.Contains(path) ? PathKind.Folder : PathKind.Missing,
            folder => [.. entries.Where(e => e != "/" && System.IO.Path.GetDirectoryName(e) == folder).Select(e => System.IO.Path.GetFileName(e))]);
    }

    private static IEnumerable<string> Above(string path)
    {
        for (var entry = path.TrimEnd('/'); !string.IsNullOrEmpty(entry); entry = System.IO.Path.GetDirectoryName(entry))
            yield return entry;
        yield return "/";
    }

    public static LabTopology Valid(string yaml, Surroundings? around = null)
    {
        var result = TopologyReader.Parse(Path, Encoding.UTF8.GetBytes(yaml), null, around);
        Assert.True(result.Diagnostics.IsEmpty, string.Join('\n', result.Diagnostics));
        return result.Topology!;
    }

    /// <summary>One scenario's steps, read among the nodes of <see cref="Steps"/>.</summary>
    public static IReadOnlyList<Step> ValidSteps(string steps) => Valid($"{Steps}\n{Indent(steps)}").Scenarios[0].Steps;

    /// <summary>The only mistake.</summary>
    public static Diagnostic Single(string yaml, Surroundings? around = null)
    {
        var result = TopologyReader.Parse(Path, Encoding.UTF8.GetBytes(yaml), null, around);
        Assert.Null(result.Topology);
        Assert.True(result.Diagnostics.Length == 1, $"one mistake expected in\n{yaml}\nfound:\n{string.Join('\n', result.Diagnostics)}");
        return result.Diagnostics[0];
    }

    /// <summary>The only mistake is here, its message has these words, and it suggests this.</summary>
    public static void HasOneMistake(string yaml, string at, string words, string? suggestion = null, Surroundings? around = null, string file = Path)
    {
        var mistake = Single(yaml, around);
        Assert.Equal(at, mistake.At.ToString());
        Assert.Equal(file, mistake.File);
        foreach (var word in words.Split(" .. "))
            Assert.Contains(word, mistake.Message, StringComparison.Ordinal);
        Assert.Equal(suggestion, mistake.Suggestion);
    }

    /// <summary>As <see cref="HasOneMistake"/>, with the first line of the steps counted as line 1 and without their indentation.</summary>
    public static void HasOneMistakeInSteps(string steps, string at, string words, string? suggestion = null)
    {
        var place = at.Split(':').Select(int.Parse).ToArray();
        HasOneMistake($"{Steps}\n{Indent(steps)}", $"{place[0] + Steps.Split('\n').Length}:{place[1] + 4}", words, suggestion);
    }

    /// <summary>All of a topology as text: records with arrays do not compare by content.</summary>
    public static string Dump(LabTopology topology) => JsonSerializer.Serialize<object>(topology, Everything);

    private static readonly JsonSerializerOptions Everything = new()
    {
        WriteIndented = true,
        Converters = { new AsText<System.Net.IPAddress>(), new AsText<System.Net.IPNetwork>(), new AsRuntimeType<Step>(), new AsRuntimeType<Cleave.Faults.Fault>() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    private static string Indent(string steps) => string.Join('\n', steps.Split('\n').Select(l => "    " + l));

    private sealed class AsText<T> : System.Text.Json.Serialization.JsonConverter<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue($"{value}");
    }

    private sealed class AsRuntimeType<T> : System.Text.Json.Serialization.JsonConverter<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            writer.WritePropertyName(value!.GetType().Name);
            JsonSerializer.Serialize(writer, value, value.GetType(), options);
            writer.WriteEndObject();
        }
    }
}
