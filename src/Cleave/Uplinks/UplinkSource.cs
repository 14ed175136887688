using System.Collections.Immutable;
using Cleave.Linux;
using Cleave.Planning;
using Cleave.Registry;
using Cleave.Topology;

namespace Cleave.Uplinks;

/// <summary>
/// One of the two ways out of a lab, as the command that starts the lab carries it out, on the host's side. The rest of the way is the plan's, and the
/// same for both.
/// </summary>
internal abstract class UplinkSource : IDisposable
{
    /// <summary>What nodes reach the internet by, in a word or two: "pasta".</summary>
    public abstract string By { get; }

    /// <summary>Sockets that the lab host is given besides those of the host's own addresses, as <see cref="Uplink.Ports"/> says; closed with this.</summary>
    public virtual IReadOnlyList<Descriptor> Sockets => [];

    /// <summary>The way out for a choice; null: there shall be none.</summary>
    /// <param name="choice">What the file or the user wants.</param>
    /// <param name="topology">The lab.</param>
    /// <param name="cleave">The program that a source may have to start; empty for a plan that is only printed.</param>
    /// <exception cref="MachineException">There is none of that kind here.</exception>
    public static UplinkSource? For(GatewayChoice choice, LabTopology topology, ImmutableArray<string> cleave) => choice switch
    {
        GatewayChoice.None => null,
        GatewayChoice.Privileged => PrivilegedUplink.Find(cleave) ?? throw new MachineException(
            "gateway: privileged is asked for, and you have no such gateway on this machine: cleave gateway create makes one; gateway: user needs none (--gateway user)"),
        GatewayChoice.Auto when PrivilegedUplink.Find(cleave) is { } gateway && gateway.WhyNot(topology) is null => gateway,
        _ => UserUplink.Find(),
    };

    /// <summary>Before anything of the lab is made: whether it can work.</summary>
    /// <exception cref="MachineException">It cannot; with the remedy.</exception>
    public abstract void Require(LabTopology topology);

    /// <summary>As a plan shows it that is only printed.</summary>
    public abstract Uplink Plan(LabTopology topology);

    /// <summary>
    /// Makes the link in the fabric, which exists, with nothing in it yet; what belongs to the link ends with the lab, however that ends. The plan gives
    /// it its addresses and brings it up.
    /// </summary>
    /// <param name="topology">The lab.</param>
    /// <param name="lab">Its place on the machine.</param>
    /// <param name="process">
    /// A process in the lab's user and network namespaces, whose children are in its PID namespace (<c>/proc/N/ns/pid_for_children</c>): what is
    /// started there ends with the lab.
    /// </param>
    /// <returns>What the plan goes by.</returns>
    /// <exception cref="CleaveException">It could not be made, and nothing is left of it.</exception>
    public abstract Uplink Attach(LabTopology topology, LabRecord lab, int process);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}
