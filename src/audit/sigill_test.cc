// SPDX-License-Identifier: MIT
// The truth by execution: ../shared/data/sigill/EXPECTED.tsv says for 14 ggml CPU libraries of Debian and 20 CPU models
// of qemu whether loading, score and init ended with SIGILL. Our verdicts must equal what happened, in both directions.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <tuple>

#include "audit/program.h"
#include "base/mapped_file.h"
#include "facts/x86_features.h"

namespace lf::audit {
namespace {

const std::filesystem::path kData = std::filesystem::path(LLAMA_FLEET_SOURCE_DIR) / ".." / "shared" / "data";

/// Lines "leaf subleaf eax ebx ecx edx" in hexadecimal, and "xcr0 <number>".
struct Dump {
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::array<std::uint64_t, 4>> leaves;
    std::uint64_t xcr0 = 0;
};

Dump read_dump(const std::filesystem::path& path) {
    Dump out;
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) {
        if (line.empty() || line[0] == '#') continue;
        std::istringstream words(line);
        std::string first;
        words >> first;
        if (first == "xcr0" || first == "XCR0") {
            words >> std::hex >> out.xcr0;
            continue;
        }
        std::array<std::uint64_t, 4> r = {};
        std::uint64_t subleaf = 0;
        words >> std::hex >> subleaf >> r[0] >> r[1] >> r[2] >> r[3];
        if (words) out.leaves[{std::stoull(first, nullptr, 16), subleaf}] = r;
    }
    return out;
}

facts::FeatureSet features_of(const Dump& dump) {
    facts::FeatureSet out;
    for (const facts::X86Feature& f : facts::x86_features()) {
        const auto leaf = dump.leaves.find({f.leaf, f.subleaf});
        if (f.system || leaf == dump.leaves.end()) continue;
        const auto word = static_cast<std::uint32_t>(leaf->second[static_cast<std::size_t>(f.where)]);
        const std::uint64_t needed = facts::required_xcr0(f.state);
        if (facts::is_shown(f, word) && (dump.xcr0 & needed) == needed) out.insert(std::string(f.name));
    }
    return out;
}

std::filesystem::path sid_libraries() {
    if (const char* given = std::getenv("LLAMA_FLEET_SID_BACKENDS"); given != nullptr) return given;
    const char* home = std::getenv("HOME");
    return std::filesystem::path(home == nullptr ? "" : home) /
           ".cache/llama-fleet/sid-backends/root/usr/lib/x86_64-linux-gnu/ggml/backends0";
}

std::size_t surely(const StageResult& result) {
    std::size_t out = 0;
    for (const Fault& fault : result.faults) out += fault.reach == Reach::yes && !fault.wrong_result ? 1 : 0;
    return out;
}

TEST(Sigill, EveryMeasuredPairIsForetold) {
    std::ifstream table(kData / "sigill" / "EXPECTED.tsv");
    if (!table) GTEST_SKIP() << "there is no ../shared/data/sigill/EXPECTED.tsv";
    if (!std::filesystem::exists(sid_libraries() / "libggml-cpu-x64.so"))
        GTEST_SKIP() << "Debian sid's ggml libraries are not in " << sid_libraries();
    std::map<std::string, Program> programs;
    std::map<std::string, facts::FeatureSet> cpus;
    int pairs = 0;
    for (std::string line; std::getline(table, line);) {
        std::istringstream words(line);
        std::string cpu, variant, load, score, init;
        if (line.empty() || line[0] == '#' || !(words >> cpu >> variant >> load >> score >> init)) continue;
        const auto dump = kData / "cpu" / "qemu" / (cpu + ".cpuid");
        if (!std::filesystem::exists(dump)) continue;  // NATIVE: the machine of whoever measured
        if (!cpus.contains(cpu)) cpus[cpu] = features_of(read_dump(dump));
        ASSERT_FALSE(cpus[cpu].empty()) << dump;
        if (!programs.contains(variant)) {
            auto file = MappedFile::open(sid_libraries() / ("libggml-cpu-" + variant + ".so"));
            ASSERT_TRUE(file) << variant;
            auto image = elf::parse(file->bytes(), variant);
            ASSERT_TRUE(image) << variant;
            programs[variant] = analyse(*image);
            const ByteTable& b = programs[variant].bytes;
            EXPECT_EQ(b.eh_frame + b.symbol + b.sweep + b.plt + b.padding + b.unknown, b.total);
        }
        const auto stages = reach(programs[variant], cpus[cpu]);
        ++pairs;
        const std::string pair = cpu + " " + variant;
        EXPECT_EQ(stages[0].faults.size(), 0U) << pair << ": loading";
        EXPECT_EQ(stages[1].faults.size(), 0U) << pair << ": score";
        EXPECT_EQ(surely(stages[2]) > 0, init == "SIGILL") << pair << ": init was " << init;
        EXPECT_EQ(surely(stages[2]) + 0, stages[2].faults.size()) << pair << ": init cannot tell";
    }
    EXPECT_GT(pairs, 200);
}

}  // namespace
}  // namespace lf::audit
