using Cleave.Netlink.Kernel;
using Cleave.Netlink.Wire;
using static Cleave.Netlink.Kernel.TableConstants;

namespace Cleave.Netlink.Tables;

/// <summary>Where a base chain is called: NFTA_HOOK_*.</summary>
/// <param name="Hook">The hook.</param>
/// <param name="Priority">The lowest is called first; <see cref="BridgeFilter"/> is what nft calls <c>filter</c> in family bridge, 0 elsewhere.</param>
public sealed record ChainHook(Hook Hook, int Priority)
{
    /// <summary>NF_BR_PRI_FILTER_BRIDGED.</summary>
    public const int BridgeFilter = NF_BR_PRI_FILTER_BRIDGED;

    /// <summary>NF_IP_PRI_NAT_DST: what nft calls <c>dstnat</c> outside family bridge.</summary>
    public const int DestinationNat = NF_IP_PRI_NAT_DST;

    /// <summary>NF_IP_PRI_NAT_SRC: what nft calls <c>srcnat</c> outside family bridge.</summary>
    public const int SourceNat = NF_IP_PRI_NAT_SRC;

    /// <summary>NFTA_HOOK_DEV: the device, for ingress.</summary>
    public string? Device { get; init; }

    /// <summary>NFTA_HOOK_DEVS: the devices, for ingress of family netdev; 256 at most.</summary>
    public ValueList<string> Devices { get; init; }

    /// <summary>Attributes this library has no name for.</summary>
    public ValueList<RawAttribute> Unknown { get; init; }

    internal static ChainHook Read(AttributeReader attributes)
    {
        var hook = default(Hook);
        var priority = 0;
        string? device = null;
        var devices = new List<string>();
        var unknown = default(UnknownAttributes);
        while (attributes.Read(out var attribute))
        {
            switch (attribute.Type)
            {
                case NFTA_HOOK_HOOKNUM: hook = (Hook)attribute.AsBigEndianUInt32(); break;
                case NFTA_HOOK_PRIORITY: priority = (int)attribute.AsBigEndianUInt32(); break;
                case NFTA_HOOK_DEV: device = attribute.AsString(); break;
                case NFTA_HOOK_DEVS: ReadDevices(attribute.Nested, devices); break;
                default: unknown.Add(attribute); break;
            }
        }

        return new ChainHook(hook, priority) { Device = device, Devices = [.. devices], Unknown = unknown.ToList() };
    }

    internal void Write(NetlinkWriter writer)
    {
        var nested = writer.BeginNested(NFTA_CHAIN_HOOK);
        writer.BigEndian(NFTA_HOOK_HOOKNUM, (uint)Hook);
        writer.BigEndian(NFTA_HOOK_PRIORITY, (uint)Priority);
        if (Device is not null) writer.Attribute(NFTA_HOOK_DEV, Device);
        if (Devices.Count > 0)
        {
            var list = writer.BeginNested(NFTA_HOOK_DEVS);
            foreach (var device in Devices.Span)
                writer.Attribute(NFTA_DEVICE_NAME, device);
            writer.EndNested(list);
        }

        writer.Attributes(Unknown);
        writer.EndNested(nested);
    }

    private static void ReadDevices(AttributeReader attributes, List<string> devices)
    {
        while (attributes.Read(out var attribute))
            devices.Add(attribute.AsString());
    }
}

/// <summary>A chain: NFTA_CHAIN_* of linux/netfilter/nf_tables.h. With a <see cref="Hook"/> it is a base chain.</summary>
/// <param name="Family">Its table's family.</param>
/// <param name="Table">Its table.</param>
/// <param name="Name">Its name.</param>
public sealed record ChainMessage(TableFamily Family, string Table, string Name)
{
    /// <summary>NFTA_CHAIN_TYPE: <c>filter</c>, <c>nat</c> or <c>route</c>; base chains only.</summary>
    public string? Type { get; init; }

    /// <summary>NFTA_CHAIN_HOOK; base chains only.</summary>
    public ChainHook? Hook { get; init; }

    /// <summary>NFTA_CHAIN_POLICY: what becomes of packets no rule decided about; base chains only.</summary>
    public Verdict? Policy { get; init; }

    /// <summary>NFTA_CHAIN_HANDLE; only in answers.</summary>
    public ulong? Handle { get; init; }

    /// <summary>NFTA_CHAIN_USE: rules and jumps; only in answers.</summary>
    public uint? Use { get; init; }

    /// <summary>Attributes this library has no name for.</summary>
    public ValueList<RawAttribute> Unknown { get; init; }

    /// <summary>A base chain of type filter that accepts what no rule decided about.</summary>
    public static ChainMessage Filter(TableFamily family, string table, string name, Hook hook, int priority) =>
        new(family, table, name) { Type = "filter", Hook = new ChainHook(hook, priority), Policy = Verdict.Accept };

    /// <summary>A base chain of type nat.</summary>
    public static ChainMessage Nat(TableFamily family, string table, string name, Hook hook, int priority) =>
        Filter(family, table, name, hook, priority) with { Type = "nat" };

    /// <summary>Reads what follows the header of NFT_MSG_NEWCHAIN.</summary>
    /// <exception cref="NetlinkFormatException">It is malformed.</exception>
    public static ChainMessage Decode(ReadOnlySpan<byte> payload)
    {
        var info = FixedStruct.Read<NetfilterInfo>(payload, out var attributes);
        string table = "", name = "";
        string? type = null;
        ChainHook? hook = null;
        Verdict? policy = null;
        ulong? handle = null;
        uint? use = null;
        var unknown = default(UnknownAttributes);
        while (attributes.Read(out var attribute))
        {
            switch (attribute.Type)
            {
                case NFTA_CHAIN_TABLE: table = attribute.AsString(); break;
                case NFTA_CHAIN_NAME: name = attribute.AsString(); break;
                case NFTA_CHAIN_TYPE: type = attribute.AsString(); break;
                case NFTA_CHAIN_HOOK: hook = ChainHook.Read(attribute.Nested); break;
                case NFTA_CHAIN_POLICY: policy = new Verdict((int)attribute.AsBigEndianUInt32()); break;
                case NFTA_CHAIN_HANDLE: handle = attribute.AsBigEndianUInt64(); break;
                case NFTA_CHAIN_USE: use = attribute.AsBigEndianUInt32(); break;
                default: unknown.Add(attribute); break;
            }
        }

        return new ChainMessage((TableFamily)info.nfgen_family, table, name)
        {
            Type = type,
            Hook = hook,
            Policy = policy,
            Handle = handle,
            Use = use,
            Unknown = unknown.ToList(),
        };
    }

    /// <summary>Writes what follows the header.</summary>
    public void Encode(NetlinkWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        NetfilterHeader.Write(writer, Family);
        writer.Attribute(NFTA_CHAIN_TABLE, Table);
        writer.Attribute(NFTA_CHAIN_NAME, Name);
        if (Type is not null) writer.Attribute(NFTA_CHAIN_TYPE, Type);
        if (Policy is { } policy) writer.BigEndian(NFTA_CHAIN_POLICY, (uint)policy.Code);
        Hook?.Write(writer);
        if (Handle is { } handle) writer.BigEndian(NFTA_CHAIN_HANDLE, handle);
        if (Use is { } use) writer.BigEndian(NFTA_CHAIN_USE, use);
        writer.Attributes(Unknown);
    }
}
