using System.Net;
using System.Net.Sockets;
using Cleave.KernelTests.Harness;

namespace Cleave.KernelTests;

public sealed class VersionTests : KernelTest
{
    private const string Other = "0.0.9+1111111111111111111111111111111111111111";

    private const string Lab =
        """
        cleave: 1
        nodes:
          a: {ip: 172.23.0.1}
        """;

    [Fact]
    public async Task A_lab_of_another_version_is_listed_and_ended_and_nothing_else()
    {
        CleaveCommand cleave = NewLab(Lab);
        string lab = (await cleave.OkAsync("up", "-d")).Trim();
        string record = Path.Combine(Runtime, "cleave", lab, "lab.json");
        string text = await File.ReadAllTextAsync(record, TestContext.Current.CancellationToken);
        Assert.Contains(CleaveVersion.Current, text.Replace("\\u002B", "+", StringComparison.Ordinal), StringComparison.Ordinal);
        await File.WriteAllTextAsync(record, text[..text.IndexOf("\"version\"", StringComparison.Ordinal)] + $"\"version\": \"{Other}\"}}", TestContext.Current.CancellationToken);

        foreach (string[] verb in (string[][])[["ps"], ["isolate", "a"], ["status"], ["check"], ["exec", "a", "--", "true"]])
        {
            Outcome refused = await cleave.RunAsync(verb);
            Assert.True(refused.Code == 2, $"{verb[0]}: {refused}");
            Assert.Equal("", refused.Output);
            Assert.Contains("was started by Cleave 0.0.9 (commit 111111111111), and this is Cleave ", refused.Errors, StringComparison.Ordinal);
            Assert.EndsWith($"cleave down --lab {lab}\n", refused.Errors, StringComparison.Ordinal);
        }

        Assert.Contains("(Cleave 0.0.9 (commit 111111111111))", await cleave.OkAsync("ps", "--all"), StringComparison.Ordinal);
        await cleave.OkAsync("down");
        Assert.DoesNotContain(lab, await cleave.OkAsync("ps", "--all"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lab_host_refuses_a_command_of_another_version_unless_it_asks_for_the_end()
    {
        CleaveCommand cleave = NewLab(Lab);
        string lab = (await cleave.OkAsync("up", "-d")).Trim();
        string socket = Path.Combine(Runtime, "cleave", lab, "control");

        (HttpStatusCode code, string said) = await AskAsync(socket, HttpMethod.Get, "lab", Other);
        Assert.Equal(HttpStatusCode.Conflict, code);
        Assert.Contains("Cleave 0.0.9 (commit 111111111111)", said, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(socket, HttpMethod.Get, "lab", CleaveVersion.Current)).Code);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(socket, HttpMethod.Get, "lab", null)).Code);
        Assert.Equal(HttpStatusCode.NoContent, (await AskAsync(socket, HttpMethod.Post, "down", Other)).Code);
        await Wait.UntilAsync(async () => !(await cleave.OkAsync("ps", "--all")).Contains(lab, StringComparison.Ordinal), () => "the lab did not end");
    }

    [Fact]
    public async Task A_lab_host_takes_no_order_of_another_version()
    {
        Outcome refused = await NewLab(Lab).RunAsync(CleaveCommand.Program, ["lab-host"], $$"""{"version":"{{Other}}","and":"more"}""" + "\n");
        Assert.Equal(125, refused.Code);
        Assert.Contains("was asked by Cleave 0.0.9 (commit 111111111111)", refused.Errors, StringComparison.Ordinal);
    }

    private static async Task<(HttpStatusCode Code, string Said)> AskAsync(string path, HttpMethod method, string what, string? version)
    {
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var http = new HttpClient(handler);
        using var request = new HttpRequestMessage(method, $"http://lab/{what}");
        if (version is not null)
        {
            request.Headers.Add("Cleave-Version", version);
        }

        using HttpResponseMessage response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
