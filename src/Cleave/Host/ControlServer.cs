using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Cleave.Control;
using Cleave.Linux;
using Cleave.Planning;
using Cleave.Probes;
using Cleave.Registry;
using Cleave.Runs;
using Cleave.Topology;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Cleave.Host;

/// <summary>The lab's control socket: HTTP and JSON over a Unix socket that only the user can reach.</summary>
internal static class ControlServer
{
    /// <summary>Bytes: the order of an exec is a header, with a command line of up to 2 MiB (execve(2)), in base64 of JSON.</summary>
    private const int LongestOrder = 8 << 20;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Listens; requests that need the lab made wait for it.</summary>
    public static async Task<WebApplication> StartAsync(RunningLab lab, Task made, Func<string, CancellationToken, Task<ScenarioResult>> test)
    {
        List<(string Path, NodeUser? User)> sockets = [(lab.Order.Record.Socket, null), .. SocketsOfUsers(lab)];
        var peers = new ControlPeers(lab);

        // Empty: appsettings.json in this folder and ASPNETCORE_URLS are the project's own, and no file is watched.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MinResponseDataRate = null; // one that is stopped, by Ctrl-Z for instance, is slow and not gone
            options.Limits.MinRequestBodyDataRate = null;
            options.Limits.MaxRequestHeadersTotalSize = LongestOrder;
            options.Limits.MaxRequestBufferSize = LongestOrder;
            foreach ((string socket, _) in sockets)
            {
                options.ListenUnixSocket(socket, listen => listen.Protocols = HttpProtocols.Http1);
            }
        });
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(2));
        WebApplication app = builder.Build();
        app.UseWebSockets();
        app.Use((context, next) => WhyNot(context, peers) is { } whyNot ? Refuse(context, whyNot) : next(context));
        app.Use((context, next) => IsSameVersion(context) ? next(context) : Fail(context, CleaveVersion.Refusal(context.Request.Headers[CleaveVersion.Header])));
        app.MapGet("/lab", context => Reply(context, lab.Status, ControlJson.Default.LabStatus));
        app.MapGet("/events", context => StreamAsync(context, lab));
        app.MapPost("/down", context => DownAsync(context, lab));
        app.MapGet("/ready", context => Guarded(context, made, lab, async () =>
        {
            lab.Attended.TrySetResult();
            await lab.WaitUntilReadyAsync(context.RequestAborted);
            await Reply(context, lab.Status, ControlJson.Default.LabStatus);
        }));
        app.MapGet("/faults", context => Guarded(context, made, lab, () => Reply(context, lab.FaultStatus(), ControlJson.Default.FaultStatus)));
        app.MapGet("/faults/short", context => Guarded(context, made, lab, () => Reply(context, lab.ShortFaultStatus(), ControlJson.Default.FaultStatus)));
        app.MapPost("/faults", context => Guarded(context, made, lab, () => ApplyAsync(context, lab, isBrief: false)));
        app.MapPost("/faults/brief", context => Guarded(context, made, lab, () => ApplyAsync(context, lab, isBrief: true)));
        app.MapPost("/faults/preview", context => Guarded(context, made, lab, async () =>
            await Reply(context, lab.Faults.Preview((await Body(context, ControlJson.Default.FaultOrder)).ToFault()), ControlJson.Default.FaultPreview)));
        app.MapPost("/nodes", context => Guarded(context, made, lab, async () =>
            await Reply(context, await NodeOrders.RunAsync(lab, await Body(context, ControlJson.Default.NodeOrder)), ControlJson.Default.NodeReply)));
        app.MapPost("/check", context => Guarded(context, made, lab, async () =>
            await Reply(context, await ReachabilityCheck.RunAsync(lab, context.RequestAborted), ControlJson.Default.CheckResult)));
        app.MapPost("/test", context => Guarded(context, made, lab, async () =>
        {
            lab.Attended.TrySetResult();
            ScenarioOrder order = await Body(context, ControlJson.Default.ScenarioOrder);
            await Reply(context, await test(order.Scenario, context.RequestAborted), ControlJson.Default.ScenarioResult);
        }));
        app.Map("/exec", (RequestDelegate)(context => Guarded(context, made, lab, () => OverWebSocketAsync(context, socket => ExecSession.RunAsync(lab, socket)))));
        app.Map("/join", (RequestDelegate)(context => Guarded(context, made, lab, () => OverWebSocketAsync(context, socket => JoinSession.RunAsync(lab, socket)))));
        await app.StartAsync();
        foreach ((string socket, NodeUser? user) in sockets)
        {
            File.SetUnixFileMode(socket, OwnerOnly);
            if (user is not null)
            {
                LinuxException.Check(Libc.chown(socket, user.Uid, user.Gid), $"give {socket} to user id {user.Uid}");
            }
        }

        return app;
    }

    private static async Task ApplyAsync(HttpContext context, RunningLab lab, bool isBrief)
    {
        lab.Faults.Apply((await Body(context, ControlJson.Default.FaultOrder)).ToFault());
        await Reply(context, lab.FaultStatus(isBrief), ControlJson.Default.FaultStatus);
    }

    /// <summary>One for each node that runs as somebody of its own and controls the lab.</summary>
    private static IEnumerable<(string Path, NodeUser? User)> SocketsOfUsers(RunningLab lab) =>
        from node in lab.Topology.Nodes.Index()
        where node.Item is { Control: true, User.IsRoot: false }
        select (LabRecord.SocketIn(ControlPlan.FolderOf(lab.Order.Record.Folder, node.Index)), node.Item.User);

    /// <summary>The folder is 0700 already; this holds even if it has been opened to others, or uncovered by a node.</summary>
    private static string? WhyNot(HttpContext context, ControlPeers peers)
    {
        Socket? socket = context.Features.Get<IConnectionSocketFeature>()?.Socket;
        Span<byte> credentials = stackalloc byte[12]; // struct ucred: pid, uid, gid
        return socket is not null && socket.GetRawSocketOption(Libc.SOL_SOCKET, Libc.SO_PEERCRED, credentials) == 12
            ? peers.WhyNot(BitConverter.ToUInt32(credentials[4..8]), BitConverter.ToInt32(credentials[..4]))
            : "";
    }

    /// <summary>Ending a lab works across versions. Who does not say which Cleave it is, a program of the user's, has to know what it does.</summary>
    private static bool IsSameVersion(HttpContext context) =>
        context.Request.Path == "/down"
        || context.Request.Headers[CleaveVersion.Header] is not [var theirs] || theirs == CleaveVersion.Current;

    private static Task Refuse(HttpContext context, string whyNot)
    {
        if (whyNot.Length > 0)
        {
            return Fail(context, new CleaveException(whyNot));
        }

        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }

    /// <summary>Waits for the lab and turns what goes wrong into an answer for the user.</summary>
    private static async Task Guarded(HttpContext context, Task made, RunningLab lab, Func<Task> action)
    {
        try
        {
            await Task.WhenAny(made, lab.End).WaitAsync(context.RequestAborted);
            if (!made.IsCompletedSuccessfully)
            {
                await Fail(context, new CleaveException($"the lab is ending: {(await lab.End).Reason}"));
                return;
            }

            await action();
        }
        catch (Exception e) when (e is CleaveException or LinuxException or JsonException or Netlink.Sockets.NetlinkException)
        {
            await Fail(context, e, lab.Secrets);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is waiting for the answer any more.
        }
    }

    private static async Task Fail(HttpContext context, Exception e, SecretMask? mask = null)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.StatusCode = StatusCodes.Status409Conflict;
            ErrorReply reply = ErrorReply.For(e);
            await Reply(context, reply with { Error = (mask ?? SecretMask.None).Apply(reply.Error) }, ControlJson.Default.ErrorReply);
        }
    }

    private static Task Reply<T>(HttpContext context, T value, JsonTypeInfo<T> type)
    {
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(context.Response.Body, value, type, context.RequestAborted);
    }

    private static async Task<T> Body<T>(HttpContext context, JsonTypeInfo<T> type) =>
        await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted)
        ?? throw new CleaveException("the request has no body");

    /// <summary>Every event as a line of JSON, the newest past first, until the lab ends.</summary>
    private static async Task StreamAsync(HttpContext context, RunningLab lab)
    {
        context.Response.ContentType = "application/x-ndjson";
        using EventHub.Listener listener = lab.Hub.Listen();
        lab.Attended.TrySetResult();
        try
        {
            await context.Response.StartAsync(context.RequestAborted);
            await foreach (LabEvent happened in listener.ReadAsync(context.RequestAborted))
            {
                byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(happened, ControlJson.Default.LabEvent), (byte)'\n'];
                await context.Response.Body.WriteAsync(line, context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The listener has gone.
        }
    }

    /// <summary>The answer is empty: nobody needs a text as long as the lab is large while it ends.</summary>
    private static Task DownAsync(HttpContext context, RunningLab lab)
    {
        lab.EndWith(0, "ended by cleave down");
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static async Task OverWebSocketAsync(HttpContext context, Func<System.Net.WebSockets.WebSocket, Task> run)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            throw new CleaveException($"{context.Request.Path} takes a web socket, and its order as the first message");
        }

        using System.Net.WebSockets.WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
        await run(socket);
    }
}
