// SPDX-License-Identifier: MIT
// libcpuid's dumps of ARM's ID registers: the features that Linux would name are those that libcpuid finds.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>

#include "base/files.h"
#include "base/text.h"
#include "probe/dump_source.h"
#include "probe/probe.h"

namespace lf::probe {
namespace {

namespace fs = std::filesystem;

// libcpuid's name, Linux' name. What Linux has no name for, or names by another rule (mte from level 2 on, paca for
// each algorithm), is left out.
const std::map<std::string, std::string> kNames = {{"advsimd", "asimd"},
                                                   {"crc32", "crc32"},
                                                   {"pmull", "pmull"},
                                                   {"sha1", "sha1"},
                                                   {"sha256", "sha2"},
                                                   {"lse", "atomics"},
                                                   {"rdm", "asimdrdm"},
                                                   {"fp16", "asimdhp"},
                                                   {"i8mm", "i8mm"},
                                                   {"sha3", "sha3"},
                                                   {"sha512", "sha512"},
                                                   {"sm3", "sm3"},
                                                   {"sm4", "sm4"},
                                                   {"sve", "sve"},
                                                   {"fcma", "fcma"},
                                                   {"jscvt", "jscvt"},
                                                   {"dit", "dit"},
                                                   {"dotprod", "asimddp"},
                                                   {"fhm", "asimdfhm"},
                                                   {"bti", "bti"},
                                                   {"dpb2", "dcpodp"},
                                                   {"frintts", "frint"},
                                                   {"flagm2", "flagm2"},
                                                   {"rng", "rng"},
                                                   {"sb", "sb"},
                                                   {"bf16", "bf16"},
                                                   {"dgh", "dgh"},
                                                   {"sve2", "sve2"},
                                                   {"sve_pmull128", "svepmull"},
                                                   {"sve_sha3", "svesha3"},
                                                   {"sve_bitperm", "svebitperm"},
                                                   {"sve_sm4", "svesm4"},
                                                   {"lpae", "lpae"},
                                                   {"divide", "idiva"}};

TEST(LibcpuidArm, HasTheSameFeatures) {
    const std::string folder = std::string(LLAMA_FLEET_SOURCE_DIR) + "/../shared/data/cpu/libcpuid/arm";
    std::error_code error;
    int judged = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder, error)) {
        if (entry.path().extension() != ".test") continue;
        const std::string text = read_file(entry.path().string()).value_or("");
        const auto source = DumpedMachine::parse(text, entry.path().string());
        ASSERT_TRUE(source.has_value()) << entry.path();
        const auto machine = probe(**source, "h");
        const std::vector<std::string_view> expected =
            lines(std::string_view(text).substr(text.find(std::string(80, '-'))));
        ASSERT_EQ(expected.size(), 13U) << entry.path();
        const std::vector<std::string_view> words = split(expected[12], ' ');
        const std::set<std::string> flags(words.begin(), words.end());
        EXPECT_EQ(machine->cpu.architecture, flags.contains("advsimd") ? "aarch64" : "armv7l") << entry.path();
        for (const auto& [theirs, ours] : kNames) {
            if (ours == "sha2" && flags.contains("sha512")) continue;  // it names the higher one only
            EXPECT_EQ(machine->cpu.features.contains(ours), flags.contains(theirs)) << entry.path() << " " << ours;
        }
        EXPECT_EQ(machine->cpu.cpus, static_cast<int>(parse_unsigned(expected[9]).value_or(0)));
        ++judged;
    }
    if (judged == 0) GTEST_SKIP() << "no ../shared/data/cpu/libcpuid here";
    EXPECT_EQ(judged, 6);
}

}  // namespace
}  // namespace lf::probe
