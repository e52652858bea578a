// SPDX-License-Identifier: MIT
#include "bench/packages.h"

#include <gmock/gmock.h>

#include "bench/fake_bench.h"
#include "bench/installed.h"

namespace lf::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::World;

class FakeScript final : public ProcessRunner {
  public:
    explicit FakeScript(Result<Finished> answer) : answer_(std::move(answer)) {}
    Result<Finished> run(const Command& command) override {
        command_ = command;
        return answer_;
    }
    std::string find(const std::string&) const override { return ""; }
    Command command_;

  private:
    Result<Finished> answer_;
};

Finished ended(int code, const std::string& err) {
    Finished finished;
    finished.exit_code = code;
    finished.err = err;
    return finished;
}

TEST(Packages, areUnpackedByTheScriptAndDescribedByItsStamp) {
    World world;
    FakeScript script(ended(0, "sid-packages: note: no network; using what was unpacked on 2026-01-01\n"));
    const auto packages = prepare_packages(world.folder / "sid", script);
    ASSERT_TRUE(packages) << packages.error().message;
    EXPECT_EQ(packages->versions.at("llama.cpp-tools"), "1:0.7.0+dfsg-2");
    EXPECT_EQ(packages->note, "no network; using what was unpacked on 2026-01-01");
    const auto& argv = script.command_.argv;
    ASSERT_EQ(argv.size(), 6U);
    EXPECT_EQ(argv[0], "sh");
    EXPECT_THAT(argv[2], HasSubstr("#!/bin/sh"));
    EXPECT_EQ(argv[4], world.folder / "sid");
    EXPECT_EQ(argv[5], kLlamaPackage);
    const BackendFolder backends = backends_in(packages->directory + "/root" + testing::kBackends);
    EXPECT_THAT(backends.cpu_variants, ElementsAre("haswell", "x64", "zen4"));
    EXPECT_EQ(backends.path, packages->directory + "/root" + testing::kBackends);
}

TEST(Packages, moreCanBeAskedFor) {
    World world;
    FakeScript script(ended(0, ""));
    const std::string vulkan(package_of_backend("vulkan"));
    ASSERT_TRUE(prepare_packages(world.folder / "sid", script, {vulkan, "mesa-vulkan-drivers"}));
    const auto& argv = script.command_.argv;
    EXPECT_THAT(std::vector(argv.begin() + 5, argv.end()),
                ElementsAre(kLlamaPackage, "libggml0-backend-vulkan", "mesa-vulkan-drivers"));
    EXPECT_EQ(package_of_backend("cuda"), "");  // not free: Debian has none
}

TEST(Packages, theScriptsLastWordIsTheReason) {
    FakeScript script(ended(3, "W: noise\nsid-packages: not done: apt-get is not there\x1b[2J\n"));
    const auto packages = prepare_packages("/nowhere", script);
    ASSERT_FALSE(packages);
    EXPECT_EQ(packages.error().id, "bench-packages");
    EXPECT_THAT(packages.error().message, ::testing::StartsWith("apt-get is not there"));
    EXPECT_EQ(packages.error().message.find('\x1b'), std::string::npos);
}

TEST(Packages, aScriptThatHangsOrIsMissingIsAnError) {
    FakeScript hanging(fail(world_error("program-timeout", "too slow")));
    const auto packages = prepare_packages("/nowhere", hanging);
    ASSERT_FALSE(packages);
    EXPECT_EQ(packages.error().id, "bench-packages");
    EXPECT_EQ(packages.error().causes.at(0).id, "program-timeout");
    FakeScript interrupted(fail(world_error("interrupted", "interrupted")));
    EXPECT_EQ(prepare_packages("/nowhere", interrupted).error().id, "interrupted");
}

TEST(Packages, aFolderWithoutStampOrVariantsIsRefused) {
    World world;
    EXPECT_EQ(read_packages(world.folder.path()).error().id, "bench-packages");
    world.folder.write("other/stamp", "sid-packages 1\npackage hello 1\n");
    EXPECT_EQ(read_packages(world.folder / "other").error().id, "bench-packages");
    EXPECT_THAT(backends_in(world.folder / "other").cpu_variants, IsEmpty());
}

}  // namespace
}  // namespace lf::bench
