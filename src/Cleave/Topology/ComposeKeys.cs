namespace Cleave.Topology;

/// <summary>
/// Keys of compose files, which many hands write first, and what they are here: a key, or a sentence where there is none.
/// Source: the Compose Specification (compose-spec.io).
/// </summary>
internal static class ComposeKeys
{
    public static IReadOnlyDictionary<string, string> OfServices { get; } = new Dictionary<string, string>
    {
        ["cap_add"] = "every program of a lab is root in it, as far as its user ids go: leave it out",
        ["command"] = "run",
        ["container_name"] = "a node's name is its key: leave it out",
        ["depends_on"] = "after",
        ["entrypoint"] = "run",
        ["env_file"] = "env-file",
        ["environment"] = "env",
        ["extra_hosts"] = "aliases",
        ["healthcheck"] = "ready",
        ["image"] = "there are no images, nodes run this machine's programs: expected 'run' and a program that is installed here",
        ["build"] = "there are no images, nodes run this machine's programs: expected 'run', and what builds the program before 'cleave up'",
        ["ipv4_address"] = "ip",
        ["ipv6_address"] = "ip",
        ["links"] = "nodes of one network reach each other by name; cables are expected under the 'links' of the file",
        ["logging"] = "limits",
        ["network_mode"] = "networks",
        ["privileged"] = "every program of a lab is root in it, as far as its user ids go: leave it out",
        ["profiles"] = "tags",
        ["shm_size"] = "expected 'tmpfs', such as [{path: /dev/shm, size: 64M}]",
        ["stop_grace_period"] = "stop",
        ["stop_signal"] = "stop",
        ["ulimits"] = "limits",
        ["working_dir"] = "dir",
    };

    public static IReadOnlyDictionary<string, string> OfFiles { get; } = new Dictionary<string, string>
    {
        ["services"] = "nodes",
        ["containers"] = "nodes",
        ["topology"] = "nodes",
        ["version"] = "cleave",
        ["volumes"] = "volumes are a node's: expected them there",
    };
}
