using Cleave.Netlink.Wire;

namespace Cleave.Netlink.Tables;

/// <summary>The attributes of one expression, taken by type; what nobody took is unknown and kept.</summary>
internal ref struct ExpressionFields(ReadOnlySpan<byte> data)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private uint _taken;

    public readonly bool Has(ushort type) => Find(type, out _);

    public readonly bool HasOtherThan(ushort type, uint value) =>
        Find(type, out var attribute) && attribute.AsBigEndianUInt32() != value;

    public uint TakeUInt32(ushort type) => TryTake(type, out var attribute) ? attribute.AsBigEndianUInt32() : 0;

    public ulong TakeUInt64(ushort type) => TryTake(type, out var attribute) ? attribute.AsBigEndianUInt64() : 0;

    public ValueList<byte> TakeData(ushort type, out Verdict? verdict)
    {
        verdict = null;
        return TryTake(type, out var attribute) ? DataAttribute.Read(attribute.Nested, out verdict) : default;
    }

    public bool TryTake(ushort type, out NetlinkAttribute attribute)
    {
        _taken |= 1u << type;
        return Find(type, out attribute);
    }

    public readonly ValueList<RawAttribute> ReadUnknown()
    {
        var unknown = default(UnknownAttributes);
        var attributes = new AttributeReader(_data);
        while (attributes.Read(out var attribute))
        {
            if (attribute.Type > 31 || (_taken & (1u << attribute.Type)) == 0)
                unknown.Add(attribute);
        }

        return unknown.ToList();
    }

    private readonly bool Find(ushort type, out NetlinkAttribute found)
    {
        var attributes = new AttributeReader(_data);
        while (attributes.Read(out found))
        {
            if (found.Type == type)
                return true;
        }

        return false;
    }
}
