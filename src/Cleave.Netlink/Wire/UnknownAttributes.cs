namespace Cleave.Netlink.Wire;

/// <summary>Collects, without allocating for none, the attributes that a decoder has no name for.</summary>
internal struct UnknownAttributes
{
    private List<RawAttribute>? _list;

    public void Add(NetlinkAttribute attribute) => (_list ??= []).Add(attribute.ToRaw());

    public readonly ValueList<RawAttribute> ToList() => _list is null ? default : [.. _list];
}
