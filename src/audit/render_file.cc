// SPDX-License-Identifier: MIT
#include "audit/render_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "audit/words.h"
#include "base/text.h"
#include "base/wrap.h"

namespace lf::audit {
namespace {

/// One word for the shell that people use: as it is, in single quotes, or, where it holds what cannot be shown, in $'…'
/// (bash, zsh, ksh; POSIX since 2024), which a terminal shows and a shell reads back to the same bytes.
std::string pasted_word(const std::string& text) {
    const bool tab = text.find('\t') != std::string::npos;
    if (!tab && printable(text) == text) return shell_word(text);
    std::string out = "$'";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        constexpr unsigned char kDelete = 0x7f;
        if (c == '\'' || c == '\\') out += fmt::format("\\{}", c);
        else if (byte < ' ' || byte >= kDelete) out += fmt::format("\\{:03o}", byte);
        else out += c;
    }
    return out + "'";
}

std::string kind_words(const FileAudit& file) {
    std::string out = file.kind.empty() ? "file" : file.kind;
    if (!file.machine.empty()) out += ", " + file.machine;
    if (file.size != 0) out += ", " + size_words(file.size);
    if (!file.examined) return out;
    return out + fmt::format("; {} in {}", counted(file.program.instructions, "instruction"),
                             counted(file.program.functions.size(), "function"));
}

/// "12,345 bytes = 12,000 in .eh_frame + 345 padding": the parts sum to the whole.
std::string bytes_words(const ByteTable& bytes) {
    const struct {
        std::uint64_t count;
        std::string_view what;
    } parts[] = {{bytes.eh_frame, "in .eh_frame"}, {bytes.symbol, "by symbols"},
                 {bytes.sweep, "swept"},           {bytes.plt, "PLT"},
                 {bytes.padding, "padding"},       {bytes.unknown, "unknown"}};
    std::string sum;
    for (const auto& part : parts)
        if (part.count != 0) sum += fmt::format("{}{} {}", sum.empty() ? " = " : " + ", grouped(part.count), part.what);
    return counted(bytes.total, "byte") + sum;
}

/// An address as objdump counts: in a relocatable file from the beginning of its section.
struct ObjdumpPlace {
    std::string section;  ///< "-j .text "; "" where addresses are of the file
    std::uint64_t address = 0;
};

ObjdumpPlace objdump_place(const FileAudit& file, std::uint64_t address) {
    const auto next = std::upper_bound(file.code_sections.begin(), file.code_sections.end(), address,
                                       [](std::uint64_t at, const CodeSection& section) { return at < section.start; });
    if (next == file.code_sections.begin()) return {"", address};
    const CodeSection& section = *std::prev(next);
    if (address - section.start >= section.size) return {"", address};
    return {fmt::format("-j {} ", pasted_word(section.name)), address - section.start};
}

std::string start_words(const FileAudit& file, std::uint64_t address) {
    const ObjdumpPlace place = objdump_place(file, address);
    return fmt::format("{}--start-address=0x{:x}", place.section, place.address);
}

std::string options_words(const FileAudit& file, std::uint64_t address, std::size_t length) {
    return fmt::format("{} --stop-address=0x{:x}", start_words(file, address),
                       objdump_place(file, address).address + length);
}

/// Does every CPU run it, as it is meant or as nothing?
bool is_harmless(const IsaUse& use) {
    const x86::IsaSet* set = x86::isa_set(use.isa);
    return set != nullptr && !set->features.empty() && set->without == x86::OnOldCpu::harmless;
}

/// Only systems may run it, on whatever CPU.
bool is_system(const IsaUse& use) {
    const x86::IsaSet* set = x86::isa_set(use.isa);
    return set != nullptr && set->without == x86::OnOldCpu::system;
}

/// One line a set, the address in the form that objdump takes.
std::string beyond_text(std::string_view label, const FileAudit& file, const std::vector<IsaUse>& uses) {
    std::size_t name_width = 0, count_width = 0;
    for (const IsaUse& use : uses) {
        if (!x86::can_fault(use.isa)) continue;
        name_width = std::max(name_width, set_name(use.isa).size());
        count_width = std::max(count_width, grouped(use.count).size());
    }
    std::string out;
    for (const IsaUse& use : uses)
        if (x86::can_fault(use.isa))
            out += fmt::format("  {:<10}{:<{}} {:>{}} {}\n", out.empty() ? label : "", set_name(use.isa), name_width,
                               grouped(use.count), count_width, start_words(file, use.first));
    return out;
}

/// All other instructions, so that the counts sum to those of the file.
std::string rest_words(const std::vector<IsaUse>& uses) {
    std::uint64_t baseline = 0;
    std::string harmless, system;
    const auto list = [](std::string& to, const IsaUse& use) {
        to += fmt::format("{}{} {}", to.empty() ? "" : ", ", set_name(use.isa), grouped(use.count));
    };
    for (const IsaUse& use : uses) {
        if (is_harmless(use)) list(harmless, use);
        else if (is_system(use)) list(system, use);
        else if (!x86::can_fault(use.isa)) baseline += use.count;
    }
    return fmt::format("baseline: {}{}{}", counted(baseline, "instruction"),
                       harmless.empty() ? "" : "; on older CPUs without effect or the same: " + harmless,
                       system.empty() ? "" : "; with rights that no program has: " + system);
}

std::string uses_text(const FileAudit& file) {
    const std::vector<IsaUse>& uses = file.program.uses;
    if (uses.empty()) return "";
    const std::string beyond = beyond_text("uses", file, uses);
    return (beyond.empty() ? row("uses", "nothing beyond the baseline of x86-64") : beyond) + row("", rest_words(uses));
}

std::string swept_text(const FileAudit& file) {
    const std::vector<IsaUse>& uses = file.program.sweep_uses;
    if (uses.empty()) return "";
    const std::string beyond = beyond_text("swept", file, uses);
    return beyond + row(beyond.empty() ? "swept" : "", rest_words(uses));
}

std::string target_kind(gpucode::Kind kind) {
    switch (kind) {
        case gpucode::Kind::cuda_machine: return "CUDA code";
        case gpucode::Kind::cuda_ptx: return "PTX";
        case gpucode::Kind::hip_machine: return "ROCm code";
        case gpucode::Kind::spirv: return "SPIR-V";
    }
    return "";
}

std::string function_uses(const FileAudit& file, const FunctionUse& function) {
    std::string out;
    for (const IsaUse& use : function.uses) {
        if (set_features(use.isa).empty() && use.isa != x86::kUnknownIsa) continue;
        out += fmt::format("{}{} {} ({})", out.empty() ? "" : ", ", set_name(use.isa), grouped(use.count),
                           hex(objdump_place(file, use.first).address));
    }
    return out;
}

/// "-j .text 0x0 to 0x1a": in a relocatable file of its section, where all its addresses count from.
std::string range_words(const FileAudit& file, const FunctionUse& function) {
    const ObjdumpPlace place = objdump_place(file, function.range.start);
    const std::uint64_t size = function.range.end - function.range.start;
    return fmt::format("{}{} to {}", place.section, hex(place.address), hex(place.address + size));
}

std::string functions_text(const FileAudit& file) {
    std::string out;
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < file.program.functions.size() && i < file.levels.size(); ++i) {
        if (file.levels[i] == Level::baseline) continue;
        const FunctionUse& function = file.program.functions[i];
        ++count;
        out += fmt::format("    {}\n", printable(function.range.name.empty() ? "(no name)" : function_name(function)));
        out += wrapped("      ", printable(fmt::format("{}, {}: {}", range_words(file, function),
                                                       words_of(file.levels[i]), function_uses(file, function))));
    }
    return row("functions", fmt::format("{} with code beyond the baseline", grouped(count))) + out;
}

constexpr std::string_view kRelocatable =
    "an object file has no addresses yet: those above count from the beginning of their section, as objdump does";

}  // namespace

std::string row(std::string_view label, const std::string& text) {
    return text.empty() ? "" : wrapped(fmt::format("  {:<10}", label), printable(text));
}

std::string undecodable_words(const FileAudit& file) {
    const Program& program = file.program;
    if (program.undecodable == 0) return "";
    return fmt::format("{} not decodable, the first: {}", counted(program.undecodable, "place"),
                       options_words(file, program.first_undecodable, kLongestInstruction));
}

std::string gpu_text(const gpucode::GpuCode& gpu) {
    if (!gpu.any()) return "";
    std::string out;
    if (gpu.containers != 0)
        out += row("GPU code",
                   fmt::format("{} in {}", counted(gpu.containers, "container"), size_words(gpu.section_bytes)));
    for (const gpucode::Target& target : gpu.targets) {
        const std::string packed =
            target.compression.empty()
                ? ""
                : fmt::format(", {} with {}", size_words(target.unpacked_bytes), printable(target.compression));
        out +=
            fmt::format("  {:<10}{:<16} {:<9} {:>6} x {:>9}{}\n", out.empty() ? "GPU code" : "", printable(target.name),
                        target_kind(target.kind), grouped(target.entries), size_words(target.stored_bytes), packed);
    }
    return out;
}

std::string ggml_words(const FileAudit& file) {
    std::string out;
    if (file.ggml_cpu)
        out = file.ggml_variant->empty() ? "the library for the CPU"
                                         : fmt::format("the CPU variant {}", *file.ggml_variant);
    else if (file.ggml_variant) out = fmt::format("the backend {}", *file.ggml_variant);
    else if (file.ggml_kernels != GgmlKernels::none) out = "its kernels for the CPU are built in";
    if (file.ggml_score) out += "; tells ggml its score";
    return out;
}

std::string shown_name(std::string_view name) {
    std::string out = printable(name);
    for (std::size_t at = out.find('\t'); at != std::string::npos; at = out.find('\t', at)) out.replace(at, 1, "\\t");
    return out;
}

std::string grouped(std::uint64_t number) {
    std::string out = fmt::to_string(number);
    for (std::size_t at = out.size(); at > 3; at -= 3) out.insert(at - 3, ",");
    return out;
}

std::string size_words(std::uint64_t bytes) {
    constexpr std::string_view kUnits[] = {"kB", "MB", "GB", "TB"};
    constexpr double kStep = 1000, kRounded = 999.95;
    if (bytes < 1000) return counted(bytes, "byte");
    double value = static_cast<double>(bytes) / kStep;
    std::size_t unit = 0;
    for (; value >= kRounded && unit + 1 < std::size(kUnits); ++unit) value /= kStep;
    return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
    if (count == 1) return fmt::format("1 {}", one);
    return many.empty() ? fmt::format("{} {}s", grouped(count), one) : fmt::format("{} {}", grouped(count), many);
}

std::string path_of(const BuildAudit& build, const FileAudit& file) {
    return build.folder ? fmt::format("{}{}{}", build.path, build.path.ends_with('/') ? "" : "/", file.path)
                        : build.path;
}

std::string objdump_command(const FileAudit& file, std::uint64_t address, std::size_t length, const std::string& path) {
    return fmt::format("objdump -d {} {}", options_words(file, address, length), pasted_word(path));
}

std::string file_text(const BuildAudit& build, const FileAudit& file, RenderOptions options) {
    std::string out = "\n" + shown_name(build.folder ? file.path : build.path) + "\n";
    out += row("is", kind_words(file)) + row("of ggml", ggml_words(file));
    out += row("not", file.why_not.empty() ? "" : "examined: " + file.why_not);
    if (file.error) out += row("", file.error->hint);
    out += gpu_text(file.gpu);
    for (const std::string& note : file.gpu.notes) out += row("note", note);
    if (!file.examined) return out;
    out += row("code", bytes_words(file.program.bytes)) + uses_text(file) + swept_text(file);
    out += row("unknown", undecodable_words(file));
    if (options.functions) out += functions_text(file);
    if (!file.code_sections.empty()) out += row("note", std::string(kRelocatable));
    for (const std::string& note : file.program.notes) out += row("note", note);
    return out;
}

}  // namespace lf::audit
