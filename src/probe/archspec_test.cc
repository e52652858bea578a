// SPDX-License-Identifier: MIT
// archspec's x86 machines: /proc/cpuinfo of Linux and dumps of CPUID, with the microarchitecture that archspec finds.
// Where ours has another name, tests/probe/archspec_exceptions.tsv says why; a line that is not true any more fails.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/files.h"
#include "base/json.h"
#include "base/text.h"
#include "facts/x86_features.h"
#include "probe/cpu_proc.h"
#include "probe/dump_source.h"
#include "probe/fake_machine.h"
#include "probe/probe.h"

namespace lf::probe {
namespace {

const std::string kRoot = LLAMA_FLEET_SOURCE_DIR;
const std::string kArchspec = kRoot + "/../shared/data/cpu/archspec";

struct Case {
    std::string name, expected, kind, vendor;
};

/// The x86 ones; macOS' sysctl is not a form that anything of ours reads.
std::vector<Case> cases() {
    std::vector<Case> out;
    const std::string text = read_file(kArchspec + "/EXPECTED.tsv").value_or("");
    for (const std::string_view line : lines(text)) {
        const auto cells = split(line, '\t');
        if (line.starts_with('#') || cells.size() < 5) continue;
        const bool x86 = cells[4] == "GenuineIntel" || cells[4] == "AuthenticAMD" || cells[4] == "generic";
        if (!x86 || cells[2] == "sysctl_a") continue;
        out.push_back({std::string(cells[0]), std::string(cells[1]), std::string(cells[2]), std::string(cells[4])});
    }
    return out;
}

facts::Machine machine_of(const Case& c) {
    const std::string file = kArchspec + "/targets/" + c.name;
    if (c.kind != "proc_cpuinfo") return *probe(**DumpedMachine::open(file), "h");
    FakeMachine machine;
    const std::string text = read_file(file).value_or("");
    machine.memory.texts["/proc/cpuinfo"] = text;
    machine.machine = architecture_of(text);
    return *probe(machine, "h");
}

/// file → theirs, ours.
std::map<std::string, std::pair<std::string, std::string>> exceptions() {
    std::map<std::string, std::pair<std::string, std::string>> out;
    const std::string text = read_file(kRoot + "/tests/probe/archspec_exceptions.tsv").value_or("");
    for (const std::string_view line : lines(text)) {
        if (line.starts_with('#') || line.empty()) continue;
        const auto cells = split(line, '\t');
        EXPECT_EQ(cells.size(), 4U) << line;
        EXPECT_GT(cells.back().size(), 20U) << "no reason: " << line;
        out[std::string(cells[0])] = {std::string(cells.at(1)), std::string(cells.at(2))};
    }
    return out;
}

TEST(Archspec, MachinesHaveTheSameName) {
    const std::vector<Case> all = cases();
    if (all.empty()) GTEST_SKIP() << "no ../shared/data/cpu/archspec here";
    auto listed = exceptions();
    for (const Case& c : all) {
        const facts::Machine machine = machine_of(c);
        std::string theirs = c.expected;
        std::replace(theirs.begin(), theirs.end(), '_', '-');
        const std::string ours = machine.cpu.microarchitecture.value_or("unknown");
        EXPECT_EQ(machine.cpu.source, c.kind == "proc_cpuinfo" ? "cpuinfo" : "cpuid") << c.name;
        const auto found = listed.find(c.name);
        if (found == listed.end()) {
            EXPECT_EQ(ours, theirs) << c.name;
            continue;
        }
        EXPECT_EQ(found->second, (std::pair{theirs, ours})) << c.name << ": the line is not true any more";
        EXPECT_NE(ours, theirs) << c.name << ": not an exception any more";
        listed.erase(found);
    }
    for (const auto& [name, pair] : listed) ADD_FAILURE() << "no such machine: " << name;
    EXPECT_GE(all.size(), 20U);
}

TEST(Archspec, MachinesHaveEveryFeatureOfTheirName) {
    const std::vector<Case> all = cases();
    const auto text = read_file(kArchspec + "/microarchitectures.json");
    if (all.empty() || !text) GTEST_SKIP() << "no ../shared/data/cpu/archspec here";
    const nlohmann::json known = nlohmann::json::parse(*text)["microarchitectures"];
    for (const Case& c : all) {
        const facts::Machine machine = machine_of(c);
        for (std::string name : known.at(c.expected).at("features")) {
            if (name == "sse3") name = "pni";
            const facts::X86Feature* feature = facts::find_x86_feature(name);
            ASSERT_NE(feature, nullptr) << name;
            if (feature->system) continue;
            EXPECT_TRUE(machine.cpu.features.contains(name)) << c.name << " " << name;
        }
    }
}

}  // namespace
}  // namespace lf::probe
