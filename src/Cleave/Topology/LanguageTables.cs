namespace Cleave.Topology;

/// <summary>Every kind of mapping that the lab file's language has, found from its top.</summary>
internal static class LanguageTables
{
    /// <summary>In the order in which a reader of the file meets them.</summary>
    public static IReadOnlyList<KeyTable> All { get; } = Collect();

    /// <summary>What it is called where something refers to it: "a node" is <c>node</c>.</summary>
    public static string Name(KeyTable table)
    {
        var words = table.What.Split(' ');
        return string.Join('-', words[0] is "a" or "an" ? words[1..] : words);
    }

    private static List<KeyTable> Collect()
    {
        var found = new List<KeyTable>();
        var waiting = new Queue<KeyTable>([TopologyReader.Table]);
        var stepsSeen = false;
        while (waiting.TryDequeue(out var table))
        {
            if (found.Contains(table))
                continue;
            found.Add(table);
            foreach (var key in table.Descriptions)
                Visit(key.Value);
        }

        return found;

        void Visit(Shape shape)
        {
            switch (shape)
            {
                case Shape.Mapping mapping:
                    waiting.Enqueue(mapping.Table());
                    break;
                case Shape.ListOf list:
                    Visit(list.Item);
                    break;
                case Shape.MapOf map:
                    Visit(map.Value);
                    break;
                case Shape.AnyOf any:
                    foreach (var one in any.Shapes)
                        Visit(one);
                    break;
                case Shape.Step or Shape.Fault when !stepsSeen:
                    stepsSeen = true;
                    foreach (var verb in StepReader.Verbs)
                        Visit(verb.Value);
                    foreach (var sibling in StepReader.AllSiblings)
                        Visit(sibling.Value);
                    break;
            }
        }
    }
}
