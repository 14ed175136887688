using System.Text;
using System.Text.Json;
using Cleave.Control;
using Cleave.Linux;
using Cleave.Ports;
using Cleave.Registry;
using Cleave.Scenarios;
using Cleave.Topology;
using Microsoft.AspNetCore.Builder;

namespace Cleave.Host;

/// <summary>
/// The program that is a lab: PID 1 of the lab's PID namespace. Whatever ends it makes the kernel end every process of the lab and free every
/// namespace, link and rule.
/// </summary>
public static class LabHost
{
    /// <summary>The word on the command line by which <c>cleave</c> starts itself as lab host. Not for users.</summary>
    public const string Verb = "lab-host";

    /// <summary>What it says on its standard output once the lab is made.</summary>
    internal const string Listening = "listening";

    /// <summary>What it says if the lab could not be made; the reason follows, as a JSON string.</summary>
    internal const string NotMade = "not made: ";

    private static readonly TimeSpan AttendanceLimit = TimeSpan.FromSeconds(5);

    /// <summary>Takes the order from standard input, runs the lab, and returns the exit code of <c>cleave up</c>.</summary>
    public static async Task<int> RunAsync()
    {
        _ = Libc.prctl(Libc.PR_SET_PDEATHSIG, Libc.SIGKILL, 0, 0, 0);

        using var input = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(false));
        if (await input.ReadLineAsync() is not { } line)
        {
            return 125; // the command that started us is gone
        }

        // A library may be of another version than the cleave it starts labs with, or its file has been replaced meanwhile.
        if (JsonSerializer.Deserialize(line, HostJson.Default.OrderVersion)?.Version is var asked && asked != CleaveVersion.Current)
        {
            await Console.Error.WriteLineAsync(CleaveVersion.Refusal(asked).Message);
            return 125;
        }

        HostOrder order = JsonSerializer.Deserialize(line, HostJson.Default.HostOrder)!;
        var clock = new StartupClock(order.Phases, order.PhaseEnd);
        clock.Ended("lab host");

        using LabLock? alive = LabLock.Hold(order.Record.LockFile, create: false);
        if (alive is null)
        {
            return 125; // and somebody has swept the lab already
        }

        LabTopology topology = TopologyReader.Parse(
            order.Record.File, Encoding.UTF8.GetBytes(order.Text), order.Environment, Surroundings.AsChecked(order.Texts)).Topology
            ?? throw new InvalidOperationException("the order holds a file with mistakes");
        topology = topology with { NodesOfABridge = order.Machine.NodesOfABridge, HasNoEgress = order.Machine.HasNoEgress, Gateway = order.Machine.Uplink?.Gateway ?? GatewayChoice.None };
        RunningLab lab;
        try
        {
            Descriptor[] ports = order.Record.Ports.IsEmpty ? [] : Handover.Take(order.Record.PortsSocket, order.Record.Ports.Length + (order.Machine.Uplink?.Ports.Length ?? 0));
            LabTerminals.Mount();
            lab = new RunningLab(order, topology, ports, TimeProvider.System, clock);
        }
        catch (Exception e) when (e is CleaveException or LinuxException or Netlink.Sockets.NetlinkException)
        {
            Console.Out.WriteLine(SayNotMade(e));
            return 125;
        }

        using (lab)
        {
            return await RunAsync(lab, input);
        }
    }

    private static async Task<int> RunAsync(RunningLab lab, StreamReader input)
    {
        using var terminate = System.Runtime.InteropServices.PosixSignalRegistration.Create(
            System.Runtime.InteropServices.PosixSignal.SIGTERM,
            context =>
            {
                context.Cancel = true;
                lab.EndWith(143, "the lab host was told to end");
            });

        var made = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<WebApplication> listening =
            Task.Run(() => ControlServer.StartAsync(lab, made.Task, (name, cancel) => ScenarioRunner.RunAsync(lab, name, cancel)));
        string answer = Listening;
        try
        {
            lab.Start();
            made.SetResult();
        }
        catch (Exception e) when (e is CleaveException or LinuxException)
        {
            lab.Hub.Publish(EventKind.Lab, null, e.Message);
            lab.EndWith(125, e.Message);
            answer = SayNotMade(e);
        }

        WebApplication server = await listening;
        lab.Startup.Ended("control socket");
        Console.Out.WriteLine(answer);
        Task starterGone = WatchStarterAsync(lab, input);

        (int code, string reason) = await lab.End;
        lab.Hub.Publish(EventKind.Lab, null, $"ending: {reason}");
        await lab.StopAsync();

        // The first program may have ended before the command that started the lab could ask about it.
        await Task.WhenAny(lab.Attended.Task, starterGone, Task.Delay(AttendanceLimit));
        LabRegistry.RemoveTree(Path.Combine(lab.Order.Record.State, "data"));
        lab.Hub.Close();
        await server.StopAsync();
        return code;
    }

    private static string SayNotMade(Exception e) => NotMade + JsonSerializer.Serialize(e.Message, HostJson.Default.String);

    /// <summary>In the foreground a lab ends with the command that started it; "detached" on its input says that it shall not.</summary>
    /// <returns>Completes when that command is gone.</returns>
    private static async Task WatchStarterAsync(RunningLab lab, StreamReader input)
    {
        if (await input.ReadLineAsync() == "detached")
        {
            await input.ReadLineAsync();
        }
        else
        {
            lab.EndWith(125, "the command that started the lab is gone");
        }
    }
}
