using Cleave.Netlink;

namespace Cleave.Planning;

/// <summary>
/// The fabric's end of a link, a cable inside the fabric: what the fabric takes for its interface, and the port that hands its frames on. So both ends of
/// a link are behind ports, and what is lost between them is lost as everywhere else.
/// </summary>
/// <param name="Port">The end that is a port of the link's bridge.</param>
/// <param name="PortMac">Its MAC address.</param>
/// <param name="End">The end with the fabric's addresses, by the name that the file gives it.</param>
/// <param name="EndMac">Its MAC address.</param>
internal sealed record FabricPlug(Interface Port, MacAddress PortMac, Interface End, MacAddress EndMac);
