// SPDX-License-Identifier: MIT
#include "bench/candidates.h"

#include <gmock/gmock.h>

namespace lf::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<InstalledBuild> builds() {
    InstalledBuild sid;
    sid.name = "debian-sid";
    sid.source = "Debian sid";
    sid.cpu_variants = {"haswell", "sapphirerapids", "x64", "zen4"};
    InstalledBuild fixed;
    fixed.name = "new";
    fixed.source = "/nix/store/x-llama-cpp-cpu-0.0.0";
    return {sid, fixed};
}

std::vector<std::string> names(const std::vector<Candidate>& candidates) {
    std::vector<std::string> out;
    for (const Candidate& candidate : candidates) out.push_back(candidate.name);
    return out;
}

TEST(Candidates, areParsedFromWords) {
    const auto candidate = parse_candidate("variant=haswell, threads=2,ubatch=256,flash-attention=on", builds());
    ASSERT_TRUE(candidate) << candidate.error().message;
    EXPECT_EQ(candidate->cpu_variant, "haswell");
    EXPECT_EQ(candidate->build, "debian-sid");
    EXPECT_EQ(candidate->device, "none");
    EXPECT_EQ(candidate->threads, 2);
    EXPECT_EQ(candidate->ubatch, 256);
    EXPECT_EQ(candidate->flash_attention, "on");
    EXPECT_EQ(candidate->name, "debian-sid: haswell, 2 threads, ubatch 256, flash attention on");
    const auto other = parse_candidate("build=new,device=Vulkan0,name=mine", builds());
    ASSERT_TRUE(other) << other.error().message;
    EXPECT_EQ(other->name, "mine");
    EXPECT_EQ(other->device, "Vulkan0");
    EXPECT_FALSE(other->cpu_variant);
}

TEST(Candidates, wrongWordsAreToldWithWhatWasMeant) {
    const struct {
        const char* text;
        const char* message;
        const char* hint;
    } cases[] = {
        {"varient=haswell", "has no 'varient'", "did you mean 'variant'?"},
        {"variant=hasswell", "no CPU variant 'hasswell'", "did you mean 'haswell'?"},
        {"build=nwe", "no build 'nwe'", "did you mean 'new'?"},
        {"build=new,variant=haswell", "no CPU variant 'haswell'", "compiled in"},
        {"threads=0", "no number from 1", ""},
        {"threads=many", "no number from 1", ""},
        {"flash-attention=yes", "not on, off or auto", ""},
        {"haswell", "has no value", "KEY=VALUE"},
        {"threads=1,threads=2", "stands twice", ""},
        {"device=Vulkan0;reboot", "no device of llama.cpp", "Vulkan0"},
        {"", "has no value", ""},
    };
    for (const auto& [text, message, hint] : cases) {
        const auto candidate = parse_candidate(text, builds());
        ASSERT_FALSE(candidate) << text;
        EXPECT_EQ(candidate.error().id, "bench-candidate") << text;
        EXPECT_EQ(candidate.error().kind, ErrorKind::usage);
        EXPECT_THAT(candidate.error().message, HasSubstr(message)) << text;
        EXPECT_THAT(candidate.error().hint, HasSubstr(hint)) << text;
    }
}

TEST(Candidates, theSmallestQuestionHasDispatchInIt) {
    EXPECT_THAT(names(default_candidates(builds()[0], "zen4", "zen4")), ElementsAre("official-default", "dispatch"));
    EXPECT_THAT(default_candidates(builds()[0], "zen4", "zen4")[1].description,
                HasSubstr("the plan names the same: zen4"));
    EXPECT_THAT(names(default_candidates(builds()[0], "haswell", "zen4")),
                ElementsAre("official-default", "dispatch", "plan"));
    EXPECT_THAT(names(default_candidates(builds()[0], "graviton9", "")), ElementsAre("official-default", "dispatch"));
    EXPECT_THAT(names(default_candidates(builds()[1], "zen4", "zen4")), ElementsAre("new"));
}

TEST(Candidates, allVariantsComeByTheirWidth) {
    EXPECT_THAT(names(all_variants(builds()[0])), ElementsAre("dispatch", "x64", "haswell", "zen4", "sapphirerapids"));
}

TEST(Candidates, twoOfOneNameAreRefused) {
    auto candidates = all_variants(builds()[0]);
    candidates.push_back(candidates[1]);
    EXPECT_THAT(check_candidates(candidates, builds()).error().message, HasSubstr("two candidates are called 'x64'"));
}

TEST(Candidates, becomeArgumentsOfTheServer) {
    Candidate candidate;
    EXPECT_THAT(server_arguments(candidate, false), IsEmpty());
    EXPECT_THAT(server_arguments(candidate, true), ElementsAre("--device", "none"));
    candidate.threads = 8;
    candidate.ubatch = 1024;
    candidate.flash_attention = "off";
    EXPECT_THAT(server_arguments(candidate, false),
                ElementsAre("--threads", "8", "--ubatch-size", "1024", "--flash-attn", "off"));
}

TEST(Candidates, devicesHaveBackends) {
    EXPECT_EQ(backend_of("CUDA0"), "cuda");
    EXPECT_EQ(backend_of("ROCm1"), "rocm");
    EXPECT_EQ(backend_of("Vulkan0"), "vulkan");
    EXPECT_EQ(backend_of("none"), "cpu");
    EXPECT_EQ(backend_of(""), "cpu");
    EXPECT_EQ(backend_of("SYCL0"), "other");
}

}  // namespace
}  // namespace lf::bench
