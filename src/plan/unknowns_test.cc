// SPDX-License-Identifier: MIT
#include "plan/unknowns.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "facts/unread.h"
#include "plan/explain.h"
#include "plan/machines_for_test.h"

namespace lf::plan {
namespace {

using namespace test;

using Lines = std::vector<std::string>;

TEST(Unknowns, AreNoneWhereAllThatMattersIsKnown) {
    facts::Machine host = machine(kZen4);
    host.notes = {"GPUs have no names: there is no pci.ids (Debian: pci.ids, NixOS: hwdata)"};
    EXPECT_EQ(unknowns(host), Lines{});
    EXPECT_EQ(summary_text(host, plan_of(host)).find("unknown"), std::string::npos);
}

TEST(Unknowns, GpusThatCouldNotBeToldNeedNoNote) {
    facts::Machine host = machine(kZen4);
    host.gpus_known = false;
    EXPECT_EQ(unknowns(host), Lines{"GPUs could not be read: planned as if there were none"});
    host.notes = {std::string(facts::kOnlyCpuKnown) + ": nothing"};
    EXPECT_EQ(unknowns(host), Lines{"only the CPU is known: planned as if there were no GPU"});
}

TEST(Unknowns, StandInTheDefaultTextOfAPlan) {
    struct Row {
        std::string architecture, note, words;
    };
    const Row kRows[] = {{"sparc64", "", "no rule knows the architecture sparc64"},
                         {std::string(300, 's') + "\x1b[2J", "", "no rule knows the architecture ssss"},
                         {"x86_64", "", "no CPU feature could be read"},
                         {"ppc64le", "", "no CPU feature could be read"},
                         {"x86_64", std::string(facts::kGpusUnread) + ": cannot list /sys", "GPUs could not be read"},
                         {"x86_64", std::string(facts::kOnlyCpuKnown) + ": nothing", "only the CPU is known"},
                         {"x86_64", std::string(facts::kGpuUnread) + "0000:01:00.0 is left out", "planned without it"},
                         {"x86_64", std::string(facts::kChipUnread) + "x is not known", "the chip of an NVIDIA card"},
                         {"x86_64", std::string(facts::kNvidiaUnread) + " no", "an NVIDIA card is there, but"}};
    for (const Row& row : kRows) {
        facts::Machine host = machine(row.note.empty() ? facts::FeatureSet{} : kZen4);
        host.cpu.architecture = row.architecture;
        if (!row.note.empty()) host.notes = {row.note};
        const Lines found = unknowns(host);
        ASSERT_EQ(found.size(), 1U) << row.words;
        EXPECT_NE(found[0].find(row.words), std::string::npos) << found[0];
        EXPECT_LE(found[0].size(), 70U) << found[0];
        EXPECT_EQ(found[0].find('\x1b'), std::string::npos);
        const std::string text = summary_text(host, plan_of(host));
        EXPECT_NE(text.find("\n  unknown " + found[0] + "\n"), std::string::npos) << text;
    }
}

}  // namespace
}  // namespace lf::plan
