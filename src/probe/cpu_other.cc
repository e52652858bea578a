// SPDX-License-Identifier: MIT
#include "probe/cpu_other.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "probe/feature_sets.h"
#include "probe/reading.h"

namespace lf::probe {
namespace {

constexpr std::size_t kMaxFeatureNames = 1024;  // as facts/codec.cc
constexpr std::size_t kMaxLines = 1 << 20;

struct Keys {
    std::string_view first;
    std::string_view otherwise = {};
};

/// What each architecture calls its fields; the first key that has a value is taken.
struct Fields {
    std::string_view architectures;  ///< blank-separated
    Keys vendor;
    Keys model_name;
    Keys features;
};
constexpr Fields kFields[] = {
    {"riscv64 riscv32", {"mvendorid"}, {"model name", "uarch"}, {"hart isa", "isa"}},
    {"ppc64le ppc64 ppc", {}, {"cpu"}, {}},
    {"s390x s390", {"vendor_id"}, {}, {"features"}},
    {"loongarch64", {}, {"Model Name", "model name"}, {"Features", "features"}},
    {"sparc64 sparc", {}, {"cpu"}, {"cpucaps"}},
    {"mips64 mips", {}, {"cpu model"}, {"ASEs implemented"}},
};

const Fields* fields_of(std::string_view architecture) {
    for (const Fields& row : kFields)
        if (std::ranges::count(split(row.architectures, ' '), architecture) > 0) return &row;
    return nullptr;
}

/// All values of a key, in the order of the file.
std::vector<std::string_view> values(std::string_view cpuinfo, std::string_view key) {
    std::vector<std::string_view> out;
    if (key.empty()) return out;
    std::size_t count = 0;
    for (const std::string_view line : lines(cpuinfo)) {
        if (++count > kMaxLines) break;
        const std::size_t colon = line.find(':');
        if (colon != std::string_view::npos && trim(line.substr(0, colon)) == key)
            out.push_back(trim(line.substr(colon + 1)));
    }
    return out;
}

std::vector<std::string_view> values(std::string_view cpuinfo, const Keys& keys) {
    for (const std::string_view key : {keys.first, keys.otherwise})
        if (auto found = values(cpuinfo, key); !found.empty()) return found;
    return {};
}

std::optional<std::string> first(const std::vector<std::string_view>& found) {
    if (found.empty() || found.front().empty()) return std::nullopt;
    return label(found.front());
}

void add(std::string_view word, facts::FeatureSet& out) {
    if (is_plain_word(word) && out.size() < kMaxFeatureNames) out.emplace(word);
}

/// "rv64imafdcv_zicbom_zba" → "i", "m", …, "v", "zicbom", "zba" (RISC-V ISA manual, "ISA Extension Naming
/// Conventions"). "g" stands for imafd, Zicsr and Zifencei.
facts::FeatureSet riscv_extensions(std::string_view isa) {
    facts::FeatureSet out;
    std::vector<std::string_view> parts = split(isa, '_');
    std::string_view letters = parts.front();
    if (!letters.starts_with("rv32") && !letters.starts_with("rv64")) return out;
    letters.remove_prefix(4);
    for (std::size_t i = 0; i < letters.size(); ++i) {
        // A name of several letters may follow without "_" ("rv64imafdczicsr"); versions of single ones are left out.
        const bool starts_word = letters[i] == 'z' || letters[i] == 's' || letters[i] == 'x';
        if (starts_word) {
            add(letters.substr(i), out);
            break;
        }
        if (letters[i] < 'a' || letters[i] > 'z') continue;
        add(letters.substr(i, 1), out);
    }
    for (std::size_t i = 1; i < parts.size(); ++i) add(parts[i], out);
    if (out.contains("g")) out.insert({"i", "m", "a", "f", "d", "zicsr", "zifencei"});
    return out;
}

// T-Head's C906, C910 and C920 have the vectors of a draft (V 0.7.1), whose instructions are others than those of the
// ratified V 1.0; kernels of their vendors still print "v". They are the ones that do not number their architecture:
// mvendorid 0x5b7, marchid 0 (Linux, arch/riscv/kernel/cpufeature.c, riscv_fill_hwcap_from_isa_string).
constexpr std::uint64_t kThead = 0x5b7;
constexpr std::string_view kTheadUarch = "thead,c9";

bool has_draft_vectors(std::string_view cpuinfo) {
    const std::vector<std::string_view> vendors = values(cpuinfo, "mvendorid");
    const std::vector<std::string_view> designs = values(cpuinfo, "marchid");
    const auto number = [](std::string_view text) {
        return parse_unsigned(text.substr(text.starts_with("0x") ? 2 : 0), 16);
    };
    for (std::size_t i = 0; i < vendors.size(); ++i)
        if (number(vendors[i]) == kThead && (i >= designs.size() || number(designs[i]).value_or(0) == 0)) return true;
    return vendors.empty() && std::ranges::any_of(values(cpuinfo, "uarch"), [](std::string_view uarch) {
               return uarch.starts_with(kTheadUarch);
           });
}

bool is_vector(const std::string& name) { return name == "v" || name.starts_with("zv"); }

/// Takes "v" out where it is not the ratified V 1.0, or nothing shows that it is: Linux enables vectors since 6.5, and
/// names the vendor since 6.2; a kernel that does neither copies the letter out of the device tree.
void check_vectors(std::string_view cpuinfo, facts::FeatureSet& features, std::string& note) {
    if (std::ranges::none_of(features, is_vector)) return;
    const bool named = std::ranges::any_of(
        features, [](const std::string& name) { return name.starts_with("zve") || name.starts_with("zvl"); });
    if (has_draft_vectors(cpuinfo))
        note = "the vector unit is of a draft (V 0.7.1 of T-Head), not the ratified V 1.0: v is left out";
    else if (!named && values(cpuinfo, "mvendorid").empty())
        note =
            "whether v is the ratified V 1.0, and the kernel saves its registers, is not known: a kernel that old "
            "names "
            "neither mvendorid nor zve*; v is left out";
    if (!note.empty()) std::erase_if(features, is_vector);
}

facts::FeatureSet listed(std::string_view line) {
    facts::FeatureSet out;
    for (const std::string_view part : split(line, ','))
        for (const std::string_view word : split(part, ' ')) add(word, out);
    return out;
}

void read_features(std::string_view cpuinfo, const Fields& fields, facts::Cpu& cpu, std::vector<std::string>& notes) {
    const bool riscv = cpu.architecture.starts_with("riscv");
    SharedFeatures shared;
    std::string_view before;
    std::string note;
    for (const std::string_view line : values(cpuinfo, fields.features)) {
        if (line == before) continue;  // most machines have hundreds of equal lines
        facts::FeatureSet features = riscv ? riscv_extensions(line) : listed(line);
        if (riscv) check_vectors(cpuinfo, features, note);
        shared.add(features);
        before = line;
    }
    shared.store(cpu, notes);
    if (!note.empty()) notes.push_back(std::move(note));
}

struct PowerVersion {
    unsigned processor;
    std::string_view feature;
};
// Versions of the Power ISA, by the names that glibc's dynamic linker gives to AT_HWCAP2
// (sysdeps/powerpc/dl-procinfo.c).
constexpr PowerVersion kPowerVersions[] = {{7, "arch_2_06"}, {8, "arch_2_07"}, {9, "arch_3_00"}, {10, "arch_3_1"}};

/// Also the versions that the processor contains: "POWER9 (architected)" is the mode that a newer one runs in, so the
/// line says what programs may use (Linux, arch/powerpc/kernel/cpu_specs_book3s_64.h).
/// "POWER9, altivec supported", "POWER8NVL (raw), altivec supported", "POWER7 (architected)" → "power9"…
void read_power(facts::Cpu& cpu) {
    if (!cpu.model_name) return;
    const std::string_view name = *cpu.model_name;
    if (!name.starts_with("POWER") && !name.starts_with("Power")) return;  // "Power11" since Linux 6.9
    const std::size_t end = std::min(name.find_first_not_of("0123456789", 5), name.size());
    if (end == 5) return;
    cpu.vendor = "IBM";
    cpu.microarchitecture = "power" + std::string(name.substr(5, end - 5));
    if (name.find("altivec supported") != std::string_view::npos) cpu.features.insert("altivec");
    const auto number = parse_unsigned(name.substr(5, end - 5));
    for (const PowerVersion& row : kPowerVersions)
        if (number && *number >= row.processor) cpu.features.emplace(row.feature);
}

struct Generation {
    std::string_view machine;
    std::string_view name;
};
// IBM's machine types (Linux, arch/s390/kernel/processor.c, setup_elf_platform).
constexpr Generation kGenerations[] = {
    {"2064", "z900"}, {"2066", "z900"}, {"2084", "z990"}, {"2086", "z990"}, {"2094", "z9"},    {"2096", "z9"},
    {"2097", "z10"},  {"2098", "z10"},  {"2817", "z196"}, {"2818", "z196"}, {"2827", "zEC12"}, {"2828", "zEC12"},
    {"2964", "z13"},  {"2965", "z13"},  {"3906", "z14"},  {"3907", "z14"},  {"8561", "z15"},   {"8562", "z15"},
    {"3931", "z16"},  {"3932", "z16"},  {"9175", "z17"},  {"9176", "z17"},
};

/// "processor 0: version = FF,  identification = 29AA14,  machine = 2817"
void read_s390(std::string_view cpuinfo, facts::Cpu& cpu) {
    constexpr std::string_view kMachine = "machine = ";
    const std::size_t at = cpuinfo.find(kMachine);
    if (at == std::string_view::npos) return;
    const std::string_view machine = cpuinfo.substr(at + kMachine.size(), 4);
    for (const Generation& row : kGenerations)
        if (row.machine == machine) cpu.microarchitecture = std::string(row.name);
    if (is_plain_word(machine)) cpu.model_name = "machine type " + std::string(machine);
}

}  // namespace

void read_cpu_other(std::string_view cpuinfo, facts::Cpu& cpu, std::vector<std::string>& notes) {
    const Fields* const fields = fields_of(cpu.architecture);
    if (fields == nullptr) {
        notes.push_back("the CPU's features are unknown: nothing here knows the architecture " +
                        printable(cpu.architecture));
        return;
    }
    cpu.source = "cpuinfo";
    cpu.vendor = first(values(cpuinfo, fields->vendor));
    cpu.model_name = first(values(cpuinfo, fields->model_name));
    read_features(cpuinfo, *fields, cpu, notes);
    if (cpu.architecture.starts_with("ppc")) read_power(cpu);
    if (cpu.architecture.starts_with("s390")) read_s390(cpuinfo, cpu);
    if (!cpu.model_name && cpu.features.empty())
        notes.emplace_back("the CPU is unknown: /proc/cpuinfo does not describe it");
}

}  // namespace lf::probe
