using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Cleave.Netlink.Kernel;
using Cleave.Netlink.Sockets;

namespace Cleave.Netlink.Tests.Kernel;

public sealed class KernelHeaderTests
{
    private static IEnumerable<Type> Annotated => typeof(KernelHeaderAttribute).Assembly.GetTypes()
        .Where(t => t.GetCustomAttribute<KernelHeaderAttribute>() is not null)
        .OrderBy(t => t.Name, StringComparer.Ordinal);

    public static TheoryData<string> Types => [.. Annotated.Select(t => t.Name), nameof(Errno)];

    [Theory]
    [MemberData(nameof(Types))]
    public void Constants_and_structs_are_those_of_the_kernels_headers(string name)
    {
        var type = Annotated.FirstOrDefault(t => t.Name == name);
        Compile(type is null ? Errors() : type.IsValueType ? Struct(type) : Constants(type));
    }

    [Fact]
    public void A_wrong_constant_would_be_found() =>
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Compile("#include <linux/netlink.h>\n_Static_assert(NLM_F_REQUEST == 2, \"wrong\");\n"));

    private static string Constants(Type type)
    {
        var program = Includes(type);
        foreach (var field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic).Where(f => f.IsLiteral))
        {
            // Compared as 64 bits, the kernel's own type giving the sign of 32-bit verdicts and masks.
            var value = Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture);
            program.Append(CultureInfo.InvariantCulture, $"_Static_assert((long long)({field.Name}) == {value}LL, \"{field.Name}\");\n");
        }

        return program.ToString();
    }

    private static string Struct(Type type)
    {
        var program = Includes(type);
        var name = type.GetCustomAttribute<KernelHeaderAttribute>()!.Struct;
        program.Append(CultureInfo.InvariantCulture, $"_Static_assert(sizeof({name}) == {SizeOf(type)}, \"size\");\n");
        foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public))
        {
            var offset = Marshal.OffsetOf(type, field.Name);
            program.Append(CultureInfo.InvariantCulture, $"_Static_assert(offsetof({name}, {field.Name}) == {offset}, \"{field.Name}\");\n");
            program.Append(CultureInfo.InvariantCulture, $"_Static_assert(sizeof((({name} *)0)->{field.Name}) == {SizeOf(field.FieldType)}, \"{field.Name}\");\n");
        }

        return program.ToString();
    }

    private static string Errors()
    {
        var program = new StringBuilder("#include <errno.h>\n");
        foreach (var error in Enum.GetValues<Errno>().Where(e => e != Errno.None))
            program.Append(CultureInfo.InvariantCulture, $"_Static_assert({error} == {(int)error}, \"{error}\");\n");
        return program.ToString();
    }

    private static StringBuilder Includes(Type type)
    {
        var program = new StringBuilder("#define _GNU_SOURCE\n#include <stddef.h>\n");
        foreach (var header in type.GetCustomAttribute<KernelHeaderAttribute>()!.Headers)
            program.Append(CultureInfo.InvariantCulture, $"#include <{header}>\n");
        return program;
    }

    private static int SizeOf(Type type) =>
        (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(obj: null, parameters: null)!;

    private static void Compile(string program)
    {
        var compiler = new[] { "cc", "gcc", "clang" }.FirstOrDefault(
            name => Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, name))));
        Assert.SkipWhen(compiler is null, "no C compiler (cc, gcc or clang) to compare constants with the kernel's headers");
        using var process = Process.Start(new ProcessStartInfo(compiler!, ["-x", "c", "-fsyntax-only", "-"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardError = true,
        })!;
        process.StandardInput.Write(program);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors);
    }
}
