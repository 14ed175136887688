using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Cleave.Registry;

namespace Cleave.Bench;

/// <summary>What a published port costs beside a connection to the same program on the host.</summary>
internal sealed class PortsBench : IBench
{
    private const string Kind = "native";
    private const string Direct = "direct";
    private const string Published = "published";
    private const string Inside = "via loopback";
    private const int Pairs = 15;
    private const int StreamMilliseconds = 1000;
    private const int RoundTrips = 2000;
    private const int Connections = 300;
    private const double Limit = 2.5; // 40 % of a direct connection
    private const char Stream = 'S';
    private const char Echo = 'E';

    private static readonly string[] Methods = [Direct, Published, Inside];

    public string Name => "ports";

    public void Run(BenchOptions options, Report report)
    {
        report.Section("Published ports");
        report.Note(
            """
            One program serves: on the host at 127.0.0.1 (direct), and in a node of a lab, which is reached at a published port of 127.0.0.1: over
            the fabric (published) or inside the node (via loopback). The client is the same. Methods take turns in every round, each round
            beginning with another one. Client, server and lab host share the processors.
            Gbit/s      one connection, writes of 128 KiB for 1 s, until the server has counted the last byte
            round trip  one byte there and back, 2000 times; us, median
            connect     connection, one byte there and back, end; 300 times; us, median
            share       of direct: median of the ratios round by round
            """);
        string program = Path.Combine(options.Published, Kind, "cleave");
        if (!File.Exists(program))
        {
            throw new InvalidOperationException($"{program} does not exist; ./build.sh publish makes it");
        }

        DirectoryInfo scratch = Directory.CreateTempSubdirectory("cleave-bench-");
        try
        {
            Measure(options.Rounds ?? Pairs, program, scratch.FullName, report);
        }
        finally
        {
            LabRegistry.RemoveTree(scratch.FullName);
        }
    }

    /// <summary>The server: what each connection wants is its first byte.</summary>
    public int RunChild(string[] order)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Any, int.Parse(order[0], CultureInfo.InvariantCulture)));
        listener.Listen(128);
        Console.WriteLine(((IPEndPoint)listener.LocalEndPoint!).Port);
        while (true)
        {
            Socket client = listener.Accept();
            new Thread(() => Serve(client)).Start();
        }
    }

    private static void Serve(Socket client)
    {
        using (client)
        {
            client.NoDelay = true;
            byte[] buffer = new byte[128 << 10];
            long received = 0;
            _ = client.Receive(buffer, 1, SocketFlags.None);
            bool isEcho = buffer[0] == Echo;
            while (client.Receive(buffer) is > 0 and var length)
            {
                received += length;
                if (isEcho)
                {
                    client.Send(buffer, length, SocketFlags.None);
                }
            }

            client.Send(BitConverter.GetBytes(received));
        }
    }

    private void Measure(int rounds, string program, string scratch, Report report)
    {
        string lab = Path.Combine(scratch, "lab");
        string runtime = Path.Combine(scratch, "run");
        Directory.CreateDirectory(lab);
        Directory.CreateDirectory(runtime, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(
            Path.Combine(lab, "cleave.yaml"),
            $"cleave: 1\nnodes:\n  n1: {{ip: 10.77.0.1, run: ['{Environment.ProcessPath}', child, {Name}, '8000'], ready: {{tcp: 8000}}, "
            + "ports: ['auto:8000', {node: 8000, via: loopback}]}\nnetworks: {lan: {subnet: 10.77.0.0/16}}\n");
        using Process server = Subprocess.StartSelf([], Name, "0");
        int direct = int.Parse(server.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
        Command(program, lab, runtime, "up", "-d");
        try
        {
            int[] ports = [direct, .. Command(program, lab, runtime, "port", "n1", "8000").Trim().Split('\n').Select(l => IPEndPoint.Parse(l).Port)];
            Report(rounds, ports, report);
        }
        finally
        {
            Command(program, lab, runtime, "down");
            server.Kill();
        }
    }

    private static void Report(int rounds, int[] ports, Report report)
    {
        (string Name, Func<int, double> Measure)[] figures = [("Gbit/s", Throughput), ("round trip", RoundTrip), ("connect", Connect)];
        var all = Methods.SelectMany(m => figures.Select(f => $"{m} {f.Name}")).ToDictionary(k => k, _ => new List<double>());
        for (int round = -1; round < rounds; round++)
        {
            for (int i = 0; i < Methods.Length; i++)
            {
                int method = (round + 1 + i) % Methods.Length;
                foreach ((string name, Func<int, double> measure) in figures)
                {
                    double figure = measure(ports[method]);
                    if (round >= 0)
                    {
                        all[$"{Methods[method]} {name}"].Add(figure); // the first round compiles
                    }
                }
            }
        }

        report.Table(
            ["method", .. figures.SelectMany(f => (string[])[f.Name, "to direct"]), "rounds"],
            [.. Methods.Select(m => (object?[])[m, .. figures.SelectMany(f => (object?[])[all[$"{m} {f.Name}"].Median(), Ratio(m, f.Name)]), rounds])],
            all.ToDictionary(a => a.Key, a => (IReadOnlyList<double>)a.Value));
        report.Target("throughput, direct to published", 1 / Ratio(Published, "Gbit/s"), Limit);

        double Ratio(string method, string figure) => Samples.MedianRatio(all[$"{method} {figure}"], all[$"{Direct} {figure}"]);
    }

    private static double Throughput(int port)
    {
        using Socket socket = Open(port, Stream);
        byte[] block = new byte[128 << 10];
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < StreamMilliseconds)
        {
            socket.Send(block);
        }

        socket.Shutdown(SocketShutdown.Send);
        byte[] count = new byte[8];
        for (int length = 0; length < count.Length;)
        {
            length += socket.Receive(count, length, count.Length - length, SocketFlags.None) is > 0 and var more ? more : throw new InvalidOperationException("the server has not counted");
        }

        return BitConverter.ToInt64(count) * 8 / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9;
    }

    private static double RoundTrip(int port)
    {
        using Socket socket = Open(port, Echo);
        byte[] one = new byte[1];
        return Enumerable.Range(0, RoundTrips).Select(_ => 1000 * Samples.Time(() =>
        {
            socket.Send(one);
            socket.Receive(one);
        })).Median();
    }

    private static double Connect(int port) => Enumerable.Range(0, Connections).Select(_ => 1000 * Samples.Time(() =>
    {
        byte[] one = new byte[1];
        using Socket socket = Open(port, Echo);
        socket.Send(one);
        socket.Receive(one);
    })).Median();

    private static Socket Open(int port, char wish)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(new IPEndPoint(IPAddress.Loopback, port));
        socket.Send(Encoding.ASCII.GetBytes($"{wish}"));
        return socket;
    }

    private static string Command(string program, string folder, string runtime, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardOutput = true };
        start.Environment["XDG_RUNTIME_DIR"] = runtime;
        start.Environment.Remove("CLEAVE_LAB");
        using Process process = Process.Start(start)!;
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? said : throw new InvalidOperationException($"cleave {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }
}
