using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cleave.Control;

/// <summary>An enum as a lower-case word in JSON, as everything else there is written.</summary>
internal sealed class SnakeCaseEnum<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower)
    where T : struct, Enum;
