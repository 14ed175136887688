using Cleave.Topology;

namespace Cleave.Registry;

/// <summary>The folder that nodes see at its own path whatever else they see: the lab file's repository, or its own folder.</summary>
internal static class ProjectFolder
{
    public static string Of(LabTopology topology)
    {
        for (var folder = new DirectoryInfo(topology.Directory); folder is not null; folder = folder.Parent)
        {
            if (Path.Exists(Path.Combine(folder.FullName, ".git")))
            {
                return folder.FullName;
            }
        }

        return topology.Directory;
    }
}
