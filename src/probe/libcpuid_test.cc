// SPDX-License-Identifier: MIT
// libcpuid's dumps of 425 machines, with what libcpuid says of them, against what we say. Where the two differ, the
// difference stands with its reason in tests/probe/libcpuid_exceptions.tsv; a line there that is not true any more
// fails.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "base/files.h"
#include "base/text.h"
#include "facts/x86_features.h"
#include "probe/cpu_x86.h"
#include "probe/dump_source.h"
#include "probe/probe.h"
#include "probe/x86_layout.h"

namespace lf::probe {
namespace {

namespace fs = std::filesystem;

const std::string kRoot = LLAMA_FLEET_SOURCE_DIR;
const std::string kDumps = kRoot + "/../shared/data/cpu/libcpuid";
const std::string kExceptions = kRoot + "/tests/probe/libcpuid_exceptions.tsv";

using Fields = std::map<std::string, std::string>;  ///< field → value, of one kind of core

// The lines below the ruled line, in the order of libcpuid's tests/run_tests.py.
constexpr std::string_view kOrder[] = {"architecture",  "level",         "purpose",      "base family",  "base model",
                                       "stepping",      "ext family",    "ext model",    "cores",        "logical",
                                       "l1d",           "l1i",           "l2",           "l3",           "l4",
                                       "l1d ways",      "l1i ways",      "l2 ways",      "l3 ways",      "l4 ways",
                                       "l1d line",      "l1i line",      "l2 line",      "l3 line",      "l4 line",
                                       "l1d instances", "l1i instances", "l2 instances", "l3 instances", "l4 instances",
                                       "sse",           "codename",      "technology",   "flags"};

// What libcpuid calls a feature where that is not our name. Only those are compared that libcpuid looks at.
const std::map<std::string, std::string> kNames = {{"pclmul", "pclmulqdq"},
                                                   {"dts64", "dtes64"},
                                                   {"fma3", "fma"},
                                                   {"xd", "nx"},
                                                   {"avx512vnni", "avx512_vnni"},
                                                   {"avx512vbmi2", "avx512_vbmi2"},
                                                   {"hwpstate", "hw_pstate"}};
// Looked at by libcpuid, and not by us: AMD's power management.
const std::set<std::string> kTheirsOnly = {"ts",  "fid",         "vid",        "ttp", "tm_amd",
                                           "stc", "100mhzsteps", "aperfmperf", "pfi", "pa"};
constexpr std::string_view kCommon =
    "fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx fxsr sse sse2 ht pni "
    "pclmulqdq "
    "monitor ssse3 fma cx16 sse4_1 sse4_2 x2apic movbe popcnt aes xsave osxsave avx f16c rdrand hypervisor bmi1 avx2 "
    "bmi2 "
    "avx512f avx512dq rdseed adx avx512cd sha_ni avx512bw avx512vl avx512vbmi avx512_vbmi2 avx512_vnni syscall rdtscp "
    "lm "
    "lahf_lm abm constant_tsc";
constexpr std::string_view kIntel =
    "pn dts acpi ss tm ia64 pbe dtes64 ds_cpl vmx smx est tm2 cid xtpr pdcm dca nx sgx hle rtm avx512pf avx512er";
constexpr std::string_view kAmd =
    "nx mmxext fxsr_opt 3dnowext 3dnow cmp_legacy svm sse4a misalignsse 3dnowprefetch osvw ibs xop skinit wdt fma4 tbm "
    "hw_pstate cpb";

std::set<std::string> word_set(std::string_view text) {
    std::set<std::string> out;
    for (const std::string_view word : split(text, ' '))
        if (!word.empty()) out.emplace(word);
    return out;
}

std::set<std::string> looked_at(const std::string& vendor) {
    std::set<std::string> out = word_set(kCommon);
    if (vendor == "GenuineIntel") out.merge(word_set(kIntel));
    if (vendor == "AuthenticAMD" || vendor == "HygonGenuine") out.merge(word_set(kAmd));
    return out;
}

std::vector<Fields> expected_of(const std::string& text) {
    std::vector<Fields> out;
    std::size_t line_of = 0;
    for (const std::string_view line : lines(text)) {
        if (line == std::string(80, '-')) {
            out.emplace_back();
            line_of = 0;
        } else if (!out.empty() && line_of < std::size(kOrder)) {
            out.back()[std::string(kOrder[line_of++])] = std::string(trim(line));
        }
    }
    return out;
}

std::string number(const std::optional<int>& value) { return value ? std::to_string(*value) : "-1"; }

void add_cache(Fields& out, const std::string& name, int level, std::string_view type, const X86Group& group) {
    for (const facts::Cache& cache : group.caches) {
        if (cache.level != level || cache.type != type) continue;
        out[name] = std::to_string(cache.kib);
        out[name + " ways"] = number(cache.ways);
        out[name + " line"] = number(cache.line_bytes);
        out[name + " instances"] = number(cache.instances);
        return;
    }
    out[name] = out[name + " ways"] = out[name + " line"] = out[name + " instances"] = "-1";
}

/// psABI level, or what 32-bit CPUs are called.
std::string level_of(const std::set<std::string>& features, int family) {
    constexpr std::string_view kLevels[] = {
        "cmov cx8 fpu fxsr mmx sse sse2", "cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3",
        "avx avx2 bmi1 bmi2 f16c fma abm movbe osxsave", "avx512f avx512bw avx512cd avx512dq avx512vl"};
    if (!features.contains("lm")) return family >= 6 ? "i686" : family == 5 ? "i586" : "i486";
    int level = 0;
    for (const std::string_view words : kLevels) {
        const std::set<std::string> needed = word_set(words);
        if (!std::includes(features.begin(), features.end(), needed.begin(), needed.end())) break;
        ++level;
    }
    return fmt::format("x86-64-v{}", level);
}

/// "Core i9 (Alder Lake-S)" → "Alder Lake-S", "Phenom X4 (Agena/512K)" → "Agena".
std::string name_in(std::string text) {
    if (const std::size_t open = text.rfind('('); open != std::string::npos && text.ends_with(')'))
        text = text.substr(open + 1, text.size() - open - 2);
    const std::size_t slash = text.rfind('/');
    if (slash != std::string::npos && text.ends_with("K")) text.resize(slash);
    return text;
}

int sum(const std::optional<int>& a, const std::optional<int>& b) { return a.value_or(0) + b.value_or(0); }

/// libcpuid tells sockets apart by marked subleaves of leaf 0xB only; else it counts the CPUs of all sockets, and the
/// cores of one. Where it says one kind and there are several sockets, ours are put together in the same way.
std::vector<X86Group> without_sockets(std::vector<X86Group> groups, std::size_t wanted) {
    while (wanted == 1 && groups.size() > 1 && groups.front().role == groups.back().role) {
        groups.front().logical += groups.back().logical;
        for (std::size_t i = 0; i < std::min(groups.front().caches.size(), groups.back().caches.size()); ++i)
            groups.front().caches[i].instances =
                sum(groups.front().caches[i].instances, groups.back().caches[i].instances);
        groups.pop_back();
    }
    return groups;
}

std::vector<Fields> ours_of(const MachineSource& source, const facts::Machine& machine, std::size_t wanted) {
    const int base_family = std::min(machine.cpu.family.value_or(0), 15);
    std::vector<Fields> out;
    for (const X86Group& group : without_sockets(x86_groups(source), wanted)) {
        Fields fields;
        const std::set<std::string> shown = shown_features(source, group.cpus.front(), ~std::uint64_t{0});
        const std::set<std::string> names = looked_at(machine.cpu.vendor.value_or(""));
        std::vector<std::string> flags;
        std::set_intersection(shown.begin(), shown.end(), names.begin(), names.end(), std::back_inserter(flags));
        const Signature sign = signature(source.cpuid(group.cpus.front(), 1, 0).value_or(Registers{}).eax);
        fields["purpose"] = group.role.value_or("general");
        fields["base family"] = std::to_string(base_family);
        fields["base model"] = std::to_string(sign.model & 0xf);
        fields["stepping"] = std::to_string(sign.stepping);
        fields["ext family"] = std::to_string(sign.family);
        fields["ext model"] = std::to_string(sign.model);
        fields["level"] = level_of(shown, sign.family);
        fields["cores"] = number(group.cores);
        fields["logical"] = std::to_string(group.logical);
        add_cache(fields, "l1d", 1, "data", group);
        add_cache(fields, "l1i", 1, "instruction", group);
        add_cache(fields, "l2", 2, "unified", group);
        add_cache(fields, "l3", 3, "unified", group);
        add_cache(fields, "l4", 4, "unified", group);
        fields["codename"] = machine.cpu.codename.value_or("-");
        if (group.logical == 1 && out.empty() && !group.role)
            std::erase(flags, "ht");  // it takes this one back where there is one CPU
        fields["flags"] = join(flags, " ");
        out.push_back(std::move(fields));
    }
    return out;
}

/// What libcpuid expects, in our words.
void translate(Fields& fields) {
    std::set<std::string> flags;
    for (const std::string& flag : word_set(fields["flags"])) {
        const auto name = kNames.find(flag);
        if (!kTheirsOnly.contains(flag)) flags.insert(name == kNames.end() ? flag : name->second);
    }
    const std::vector<std::string> sorted(flags.begin(), flags.end());
    fields["flags"] = join(sorted, " ");
    fields["codename"] = name_in(fields["codename"]);
    if (fields["purpose"] == "low-power efficiency") fields["purpose"] = "low-power";
    // It writes 0 and -1 alike for what it does not know or what is not there.
    for (auto& [name, value] : fields)
        if (name.starts_with('l') && name != "level" && name != "logical" && value == "0") value = "-1";
    for (const std::string level : {"l1d", "l1i", "l2", "l3", "l4"})
        if (fields[level] == "-1")
            fields[level + " ways"] = fields[level + " line"] = fields[level + " instances"] = "-1";
}

struct Difference {
    std::string file, field, theirs, ours;
    auto operator<=>(const Difference&) const = default;
};

void compare(const std::string& file, std::vector<Fields> theirs, const std::vector<Fields>& ours,
             std::set<Difference>& out) {
    if (theirs.size() != ours.size()) {
        out.insert({file, "kinds", std::to_string(theirs.size()), std::to_string(ours.size())});
        return;
    }
    for (std::size_t i = 0; i < ours.size(); ++i) {
        translate(theirs[i]);
        for (const auto& [field, value] : ours[i]) {
            const std::string& wanted = theirs[i][field];
            const bool unsaid = field.ends_with("instances") && wanted == "-1";  // it counts none without leaf 0xB
            if (value == wanted || unsaid) continue;
            const std::string name = ours.size() == 1 ? field : fmt::format("{}:{}", i, field);
            out.insert({file, name, wanted, value});
        }
    }
}

/// file, field, theirs, ours, reason; `*` for theirs and ours is not allowed: a line says exactly what differs.
std::map<Difference, std::string> exceptions() {
    std::map<Difference, std::string> out;
    const std::string text = read_file(kExceptions).value_or("");
    for (const std::string_view line : lines(text)) {
        if (line.empty() || line.starts_with('#')) continue;
        const std::vector<std::string_view> parts = split(line, '\t');
        EXPECT_EQ(parts.size(), 5U) << line;
        if (parts.size() != 5) continue;
        EXPECT_FALSE(trim(parts[4]).empty()) << line;
        out.emplace(
            Difference{std::string(parts[0]), std::string(parts[1]), std::string(parts[2]), std::string(parts[3])},
            std::string(parts[4]));
    }
    return out;
}

std::vector<std::string> dump_files() {
    std::vector<std::string> out;
    std::error_code error;
    for (const auto& entry : fs::recursive_directory_iterator(kDumps, error))
        if (entry.path().extension() == ".test") out.push_back(entry.path().string().substr(kDumps.size() + 1));
    std::sort(out.begin(), out.end());
    return out;
}

TEST(Libcpuid, AgreesOnEveryDump) {
    const std::vector<std::string> files = dump_files();
    if (files.empty()) GTEST_SKIP() << "no ../shared/data/cpu/libcpuid here";
    std::set<Difference> found;
    std::size_t compared = 0;
    for (const std::string& file : files) {
        if (file.starts_with("arm/")) continue;
        const auto source = DumpedMachine::open(kDumps + "/" + file);
        ASSERT_TRUE(source) << file << ": " << source.error().message;
        const auto machine = probe(**source, "dump");
        ASSERT_TRUE(machine) << file;
        const std::vector<Fields> theirs = expected_of(read_file(kDumps + "/" + file).value_or(""));
        compare(file, theirs, ours_of(**source, *machine, theirs.size()), found);
        ++compared;
    }
    EXPECT_GE(compared, 400U);
    std::map<Difference, std::string> listed = exceptions();
    std::string unlisted;
    for (const Difference& d : found)
        if (listed.erase(d) == 0) unlisted += fmt::format("{}\t{}\t{}\t{}\n", d.file, d.field, d.theirs, d.ours);
    EXPECT_EQ(unlisted, "") << "differences that no line of libcpuid_exceptions.tsv argues";
    for (const auto& [d, reason] : listed)
        ADD_FAILURE() << "not true any more: " << d.file << " " << d.field << " " << d.theirs << " " << d.ours;
}

// Masked is what every CPU of a design has: none of these machines, which are no virtual ones, may seem to hide any of
// it, but for what its operating system does not save.
TEST(Libcpuid, NoRealMachineSeemsToHideFeatures) {
    const std::vector<std::string> files = dump_files();
    if (files.empty()) GTEST_SKIP() << "no ../shared/data/cpu/libcpuid here";
    int judged = 0;
    for (const std::string& file : files) {
        if (file.starts_with("arm/")) continue;
        const auto source = DumpedMachine::open(kDumps + "/" + file);
        facts::Machine machine = *probe(**source, "dump");
        if (machine.cpu.hypervisor || !machine.cpu.microarchitecture) continue;
        for (const std::string& name : machine.cpu.features_masked) {
            const facts::X86Feature* feature = facts::find_x86_feature(name);
            ASSERT_NE(feature, nullptr) << name;
            EXPECT_NE(feature->state, facts::SavedState::none) << file << " " << name;
            if (feature->state == facts::SavedState::none) continue;
            EXPECT_TRUE(shown_features(**source, (*source)->cpuid_cpus().front(), ~std::uint64_t{0}).contains(name))
                << file << " " << *machine.cpu.microarchitecture << " " << name;
        }
        ++judged;
    }
    EXPECT_GE(judged, 380);
}

}  // namespace
}  // namespace lf::probe
