using Cleave.Netlink.Wire;
using static Cleave.Netlink.Kernel.LinkConstants;
using static Cleave.Netlink.Kernel.RouteConstants;

namespace Cleave.Netlink.Route;

/// <summary>IFLA_LINKINFO: kind and data of a link, and of its place as a port.</summary>
internal static class LinkInfo
{
    private const string BridgePortKind = "bridge";

    public static (LinkSettings? Settings, BridgePort? Port, ValueList<RawAttribute> Unknown) Read(AttributeReader attributes, int depth)
    {
        string? kind = null;
        string? portKind = null;
        ReadOnlySpan<byte> data = default;
        var unknown = default(UnknownAttributes);
        BridgePort? port = null;
        while (attributes.Read(out var attribute))
        {
            switch (attribute.Type)
            {
                case IFLA_INFO_KIND: kind = attribute.AsString(); break;
                case IFLA_INFO_DATA: data = attribute.Value; break;
                case IFLA_INFO_SLAVE_KIND when attribute.AsString() == BridgePortKind: portKind = BridgePortKind; break;
                case IFLA_INFO_SLAVE_DATA when portKind == BridgePortKind: port = new BridgePort(attribute.Nested); break;
                default: unknown.Add(attribute); break;
            }
        }

        if (portKind is not null) port ??= new BridgePort();
        return (kind is null ? null : LinkSettings.Read(kind, data, depth), port, unknown.ToList());
    }

    public static void Write(NetlinkWriter writer, LinkSettings? settings, BridgePort? port, ValueList<RawAttribute> unknown)
    {
        if (settings is null && port is null && unknown.Count == 0)
            return;
        var info = writer.BeginNested(IFLA_LINKINFO);
        if (settings is not null)
        {
            writer.Attribute(IFLA_INFO_KIND, settings.Kind);
            settings.WriteData(writer);
        }

        if (port is not null)
        {
            writer.Attribute(IFLA_INFO_SLAVE_KIND, BridgePortKind);
            var data = writer.BeginNested(IFLA_INFO_SLAVE_DATA);
            port.Encode(writer);
            writer.EndNested(data);
        }

        writer.Attributes(unknown);
        writer.EndNested(info);
    }
}

/// <summary>IFLA_INET6_* of linux/if_link.h.</summary>
public sealed record Inet6LinkSettings
{
    /// <summary>IFLA_INET6_ADDR_GEN_MODE; null is not sent.</summary>
    public AddressGenerationMode? AddressGeneration { get; init; }

    /// <summary>Attributes this library has no name for.</summary>
    public ValueList<RawAttribute> Unknown { get; init; }

    internal static Inet6LinkSettings? Read(AttributeReader families, out ValueList<RawAttribute> others)
    {
        Inet6LinkSettings? inet6 = null;
        var otherFamilies = default(UnknownAttributes);
        while (families.Read(out var family))
        {
            if (family.Type != AF_INET6)
            {
                otherFamilies.Add(family);
                continue;
            }

            AddressGenerationMode? mode = null;
            var unknown = default(UnknownAttributes);
            var attributes = family.Nested;
            while (attributes.Read(out var attribute))
            {
                if (attribute.Type == IFLA_INET6_ADDR_GEN_MODE) mode = (AddressGenerationMode)attribute.AsByte();
                else unknown.Add(attribute);
            }

            inet6 = new Inet6LinkSettings { AddressGeneration = mode, Unknown = unknown.ToList() };
        }

        others = otherFamilies.ToList();
        return inet6;
    }

    internal static void Write(NetlinkWriter writer, Inet6LinkSettings? inet6, ValueList<RawAttribute> others)
    {
        if (inet6 is null && others.Count == 0)
            return;
        var spec = writer.BeginNested(IFLA_AF_SPEC);
        writer.Attributes(others);
        if (inet6 is not null)
        {
            var family = writer.BeginNested(AF_INET6);
            if (inet6.AddressGeneration is { } mode) writer.Attribute(IFLA_INET6_ADDR_GEN_MODE, (byte)mode);
            writer.Attributes(inet6.Unknown);
            writer.EndNested(family);
        }

        writer.EndNested(spec);
    }
}
