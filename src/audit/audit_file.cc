// SPDX-License-Identifier: MIT
#include "audit/audit_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "audit/ggml_files.h"
#include "base/text.h"

namespace lf::audit {
namespace {

constexpr std::size_t kClassAt = 4, kDataAt = 5, kMachineAt = 18;
constexpr std::uint32_t kShtNobits = 8;

/// A static PIE has no interpreter, and libc.so.6 has one.
std::string kind_name(const elf::Image& image) {
    switch (image.type) {
        case elf::kEtRel: return "relocatable";
        case elf::kEtExec: return "executable";
        case elf::kEtDyn: return image.executable ? "executable" : "shared library";
        case elf::kEtCore: return "core";
        default: return fmt::format("ELF type {}", image.type);
    }
}

std::string file_name_of(std::string_view path) { return std::string(path.substr(path.find_last_of('/') + 1)); }

void give_up(FileAudit& out, Error error) {
    out.why_not = error.message;
    out.error = std::move(error);
}

/// Files that are in order and not for us: told by what the ELF header says, which is where these bytes always stand.
bool is_foreign_class(FileAudit& out, elf::Bytes bytes, const Error& error) {
    if (error.id != "elf-32-bit" && error.id != "elf-big-endian") return false;
    if (bytes.size() < kMachineAt + 2) return false;
    const bool big = bytes[kDataAt] == 2;
    const int low = bytes[kMachineAt + (big ? 1 : 0)], high = bytes[kMachineAt + (big ? 0 : 1)];
    const std::string machine = elf::machine_name(static_cast<std::uint16_t>(low | (high << 8)));
    const std::string shape = fmt::format("{}-bit{}", bytes[kClassAt] == 1 ? 32 : 64, big ? " big-endian" : "");
    out.machine = machine;
    out.kind = "ELF file";
    out.why_not = fmt::format("{} {} code is not examined by this version", shape, machine);
    return true;
}

/// What was found in a file that changed meanwhile may be of no state that it ever had: nothing of it is kept.
/// `changed` is the file, or the one with its symbols.
void give_up_changed(FileAudit& out, const MappedFile& changed) {
    FileAudit empty;
    empty.path = out.path;
    empty.size = out.size;
    Error error = world_error("file-changed", "it changed, or could not be read to its end, while it was examined",
                              "audit it again when what writes it is done");
    error.where.file = changed.path();
    give_up(empty, std::move(error));
    out = std::move(empty);
}

void add_gpu_file(FileAudit& out, elf::Bytes bytes) {
    auto gpu = gpucode::gpu_code_of_file(bytes, out.path);
    if (!gpu) return give_up(out, gpu.error());
    out.kind = "GPU code";
    out.gpu = std::move(*gpu);
    out.why_not = "it holds no code for a CPU";
}

/// Symbols of a separate debug file, if one with the same build id is where such files are kept. Returned, because the
/// image's names point into it.
std::optional<MappedFile> add_debug_file(elf::Image& image, const std::string& path) {
    if (!image.symbols.empty() || image.build_id.empty()) return std::nullopt;
    std::vector<std::string> directories;
    const char* nix = std::getenv("NIX_DEBUG_INFO_DIRS");
    for (const std::string_view one : split(nix == nullptr ? "" : nix, ':'))
        if (!one.empty()) directories.emplace_back(one);
    directories.emplace_back("/usr/lib/debug");
    for (const std::string& place : debug_file_places(image, path, directories)) {
        if (::access(place.c_str(), R_OK) != 0) continue;
        auto mapped = MappedFile::open(place);
        if (!mapped || !elf::is_elf(mapped->bytes())) continue;
        const auto debug = elf::parse(mapped->bytes(), place);
        if (!debug || debug->build_id != image.build_id) continue;
        elf::add_debug_symbols(image, *debug);
        return std::move(*mapped);
    }
    return std::nullopt;
}

/// The bytes of every instruction that a fault may name.
std::vector<CodeHead> heads_of(const Program& program, const elf::Image& image) {
    std::vector<std::uint64_t> addresses;
    addresses.reserve(program.nodes.size() + program.own_stops.size());
    for (const Node& node : program.nodes)
        for (const IsaUse& use : node.uses) addresses.push_back(use.first);
    for (const OwnStop& stop : program.own_stops) addresses.push_back(stop.at);
    std::sort(addresses.begin(), addresses.end());
    addresses.erase(std::unique(addresses.begin(), addresses.end()), addresses.end());
    std::vector<CodeHead> out;
    out.reserve(addresses.size());
    for (const std::uint64_t address : addresses) {
        CodeHead head;
        head.address = address;
        for (std::size_t size = head.bytes.size(); size > 0 && head.size == 0; --size) {
            const auto bytes = image.loaded(address, size);
            if (!bytes) continue;
            std::copy(bytes->begin(), bytes->end(), head.bytes.begin());
            head.size = static_cast<std::uint8_t>(size);
        }
        out.push_back(head);
    }
    return out;
}

/// Names that are kept fit into `most` bytes. Those of a sound file do, which stand in it; in a hostile one, millions
/// of symbols may share one name that is very long.
void cut_names(Program& program, std::size_t most) {
    std::size_t left = most, cut = 0;
    for (FunctionUse& function : program.functions) {
        if (function.range.name.size() <= left) {
            left -= function.range.name.size();
        } else {
            function.range.name = {};
            ++cut;
        }
    }
    if (cut != 0)
        program.notes.push_back(fmt::format(
            "the names of {} functions are left out: all names are longer than the file, which has them more than once",
            cut));
}

/// Moves the functions' names out of the mapped file, which is closed soon.
void keep_names(FileAudit& out, std::size_t most) {
    cut_names(out.program, most);
    std::size_t bytes = 0;
    for (const FunctionUse& function : out.program.functions) bytes += function.range.name.size();
    auto names = std::make_shared<std::string>();
    names->reserve(bytes);
    for (const FunctionUse& function : out.program.functions) names->append(function.range.name);
    std::string_view rest = *names;
    for (FunctionUse& function : out.program.functions) {
        const std::size_t size = function.range.name.size();
        function.range.name = rest.substr(0, size);
        rest.remove_prefix(size);
    }
    out.names = std::move(names);
}

bool exports(const elf::Image& image, std::string_view name) {
    return std::any_of(image.dynamic_symbols.begin(), image.dynamic_symbols.end(),
                       [&](const elf::Symbol& symbol) { return symbol.exported() && symbol.name == name; });
}

void add_ggml(FileAudit& out, const elf::Image& image) {
    auto name = ggml_name(file_name_of(out.path));
    if (!name) name = ggml_name(out.soname);
    if (name) out.ggml_variant = name->variant;
    out.ggml_cpu = name && name->cpu;
    out.ggml_score = exports(image, "ggml_backend_score");
    out.ggml_init = exports(image, "ggml_backend_init");
    out.ggml_kernels = ggml_kernels_of(image);
    if (out.ggml_kernels == GgmlKernels::none && out.ggml_cpu) out.ggml_kernels = GgmlKernels::by_name;
}

/// Hostile files may have very many with very long names.
std::vector<CodeSection> code_sections_of(const elf::Image& image) {
    constexpr std::size_t kMost = 65536, kLongest = 256;
    std::vector<CodeSection> out;
    for (const elf::Section& section : image.sections)
        if (section.holds_code() && !section.bytes.empty() && section.name.size() <= kLongest && out.size() < kMost)
            out.push_back({std::string(section.name), section.address, section.size});
    std::stable_sort(out.begin(), out.end(),
                     [](const CodeSection& a, const CodeSection& b) { return a.start < b.start; });
    return out;
}

/// Symbols, notes and the places of what was taken out (objcopy --only-keep-debug, -dbgsym packages).
bool only_debug_information(const elf::Image& image) {
    const auto holds = [](const elf::Section& section) { return section.holds_code() && section.size != 0; };
    return std::any_of(image.sections.begin(), image.sections.end(), holds) &&
           std::all_of(image.sections.begin(), image.sections.end(),
                       [&](const elf::Section& section) { return !holds(section) || section.type == kShtNobits; });
}

void add_code(FileAudit& out, elf::Image& image, const std::string& path) {
    out.debug_only = only_debug_information(image);
    if (image.type == elf::kEtCore) out.why_not = "a core dump is no program";
    else if (image.machine != elf::kEmX86_64)
        out.why_not = fmt::format("{} code is not examined by this version", out.machine);
    else if (out.debug_only) out.why_not = "it holds no code, only debug information";
    if (!out.why_not.empty()) return;
    const std::optional<MappedFile> debug = add_debug_file(image, path);
    out.program = analyse(image);
    out.examined = true;
    out.levels = function_levels(out.program);
    out.heads = heads_of(out.program, image);
    if (image.type == elf::kEtRel) out.code_sections = code_sections_of(image);
    keep_names(out, out.size + (debug ? debug->bytes().size() : 0));
    if (debug && debug->changed()) give_up_changed(out, *debug);
}

std::vector<std::string> imports_of(const elf::Image& image) {
    std::vector<std::string> out;
    out.reserve(image.dynamic_symbols.size());
    for (const elf::Symbol& symbol : image.dynamic_symbols)
        if (!symbol.defined() && !symbol.name.empty()) out.emplace_back(symbol.name);
    std::sort(out.begin(), out.end());
    return out;
}

void add_image(FileAudit& out, elf::Image& image, const std::string& path) {
    out.machine = elf::machine_name(image.machine);
    out.kind = kind_name(image);
    out.soname = std::string(image.soname);
    out.build_id = image.build_id;
    out.needed.assign(image.needed.begin(), image.needed.end());
    out.imports = imports_of(image);
    add_ggml(out, image);
    out.gpu = gpucode::gpu_code(image);
    add_code(out, image, path);
    if (!out.error) out.program.notes.insert(out.program.notes.begin(), image.notes.begin(), image.notes.end());
}

void add_bytes(FileAudit& out, elf::Bytes bytes, const std::string& path) {
    if (!elf::is_elf(bytes)) return add_gpu_file(out, bytes);
    auto image = elf::parse(bytes, path);
    if (!image) {
        if (!is_foreign_class(out, bytes, image.error())) give_up(out, image.error());
    } else if (image->machine == elf::kEmCuda || image->machine == elf::kEmAmdgpu) {
        out.machine = elf::machine_name(image->machine);
        add_gpu_file(out, bytes);
    } else {
        add_image(out, *image, path);
    }
}

}  // namespace

void audit_mapped(FileAudit& out, const MappedFile& mapped) {
    out.size = mapped.bytes().size();
    add_bytes(out, mapped.bytes(), mapped.path());
    if (mapped.changed()) give_up_changed(out, mapped);
}

std::vector<std::string> debug_file_places(const elf::Image& image, const std::string& path,
                                           const std::vector<std::string>& directories) {
    std::vector<std::string> out;
    constexpr std::size_t kFolder = 2;
    if (image.build_id.size() > kFolder)
        for (const std::string& directory : directories)
            out.push_back(fmt::format("{}/.build-id/{}/{}.debug", directory, image.build_id.substr(0, kFolder),
                                      image.build_id.substr(kFolder)));
    // A name with a slash would lead anywhere.
    if (image.debug_link.empty() || image.debug_link.find('/') != std::string_view::npos) return out;
    const std::string folder = path.substr(0, path.find_last_of('/') + 1);
    out.push_back(fmt::format("{}{}", folder, image.debug_link));
    out.push_back(fmt::format("{}.debug/{}", folder, image.debug_link));
    for (const std::string& directory : directories)
        out.push_back(
            fmt::format("{}{}{}", directory, folder.starts_with('/') ? folder : "/" + folder, image.debug_link));
    return out;
}

FileAudit audit_file(const FoundFile& found) {
    FileAudit out;
    out.path = found.shown;
    if (found.error) {
        give_up(out, *found.error);
        return out;
    }
    const auto mapped = MappedFile::open(found.path);
    if (!mapped) give_up(out, mapped.error());
    else audit_mapped(out, *mapped);
    return out;
}

}  // namespace lf::audit
