// SPDX-License-Identifier: MIT
#include "bench/installed.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include "bench/fake_builds.h"
#include "bench/llama_bench.h"

namespace lf::bench {
namespace {

using ::testing::ElementsAre;
using testing::Folder;
using ::testing::HasSubstr;
using testing::script;
using testing::write_build;

const std::vector<std::string> kLibraries{"base", "cpu-zen4", "cpu-x64", "vulkan", "blas"};

TEST(Options, areReadFromTheHelp) {
    const BenchOptions now = read_options(testing::kNewHelp);
    EXPECT_TRUE(now.device && now.list_devices && now.depth && now.no_warmup && now.flash_attention_words);
    EXPECT_EQ(read_options(testing::kOldHelp), BenchOptions{});
    EXPECT_EQ(read_options("rubbish -dev --list-devices -fa on|off"), BenchOptions{});
}

struct Layout {
    const char* name;
    const char* backends;
};

class Layouts : public ::testing::TestWithParam<Layout> {};

TEST_P(Layouts, backendsAreFound) {
    const Folder folder;
    write_build(folder, "llama", script("exit 1"), GetParam().backends, kLibraries);
    RealProcesses processes;
    for (const std::string path : {"llama", "llama/bin", "llama/bin/llama-bench"}) {
        const auto build = find_build(folder / path, processes);
        ASSERT_TRUE(build) << path << build.error().message;
        EXPECT_EQ(build->name, "llama") << path;
        EXPECT_EQ(build->folder, folder / "llama") << path;
        EXPECT_EQ(build->backend_folder, folder / ("llama/" + std::string(GetParam().backends))) << path;
        EXPECT_THAT(build->cpu_variants, ElementsAre("x64", "zen4")) << path;
        EXPECT_THAT(build->backends, ElementsAre("blas", "vulkan")) << path;
        EXPECT_THAT(build->start, ElementsAre(folder / "llama/bin/llama-bench")) << path;
        EXPECT_FALSE(build->own_loader);
    }
}

INSTANTIATE_TEST_SUITE_P(Known, Layouts,
                         ::testing::Values(Layout{"release", "bin"}, Layout{"nixpkgs", "lib"},
                                           Layout{"debian", "lib/x86_64-linux-gnu/ggml/backends0"},
                                           Layout{"ggml", "lib/ggml/backends0"}),
                         [](const auto& layout) { return std::string(layout.param.name); });

TEST(Installed, elsewhereIsWhereLlamaBenchSaysSo) {
    const Folder folder;
    const std::string place = folder / "opt/backends";
    folder.write("opt/backends/libggml-cpu-haswell.so", "");
    write_build(folder, "llama",
                "#!/bin/sh\necho \"load_backend: loaded CPU backend from " + place + "/libggml-cpu-haswell.so\" >&2\n" +
                    script("exit 1"),
                "bin", {});
    RealProcesses processes;
    const auto build = find_build(folder / "llama", processes);
    ASSERT_TRUE(build) << build.error().message;
    EXPECT_EQ(build->backend_folder, place);
    EXPECT_THAT(build->cpu_variants, ElementsAre("haswell"));
}

TEST(Installed, aLinkedLibraryIsNoBackend) {
    const Folder folder;
    write_build(folder, "static", script("exit 1"), "lib", {"base", "cpu", "vulkan"});
    write_build(folder, "dynamic", script("exit 1"), "lib", {"base", "vulkan"});
    folder.write("dynamic/lib/libggml-cpu.so", std::string("\x7f"
                                                           "ELF\0ggml_backend_init\0ggml",
                                                           26));
    RealProcesses processes;
    EXPECT_EQ(find_build(folder / "static", processes)->backend_folder, "");
    const auto dynamic = find_build(folder / "dynamic", processes);
    EXPECT_EQ(dynamic->backend_folder, folder / "dynamic/lib");
    EXPECT_TRUE(dynamic->cpu_variants.empty());
    EXPECT_THAT(dynamic->backends, ElementsAre("vulkan"));
}

TEST(Installed, storePathsGiveNamesAlsoThroughLinks) {
    const Folder folder;
    const std::string store = "nix/store/0123456789abcdfghijklmnpqrsvwxyz-llama-cpp-9680";
    write_build(folder, store, script("exit 1"), "lib", kLibraries);
    std::filesystem::create_symlink(folder / store, folder / "result");
    RealProcesses processes;
    for (const std::string& path : {folder / "result", folder.path(), folder / store}) {
        const auto build = find_build(path, processes);
        ASSERT_TRUE(build) << path << build.error().message;
        EXPECT_EQ(build->name, "llama-cpp-9680");
        EXPECT_THAT(build->source, ::testing::EndsWith(store));
        EXPECT_EQ(build->backend_folder, folder / (store + "/lib"));
    }
}

TEST(Installed, packagesOfSidHaveTheirOwnLoader) {
    const testing::World world;
    const std::string libraries = "sid/root/usr/lib/x86_64-linux-gnu";
    world.folder.write(libraries + "/ld-linux-x86-64.so.2", "#!/bin/sh\nshift 3\n" + script("exit 1"), true);
    world.folder.write(libraries + "/llama/libllama-bench-impl.so", "");
    world.folder.write("sid/root/usr/bin/llama-bench", "#!/bin/sh\n", true);
    RealProcesses processes;
    auto build = find_build(world.folder / "sid", processes);
    ASSERT_TRUE(build) << build.error().message << build.error().hint;
    EXPECT_EQ(build->name, "debian-sid");
    EXPECT_EQ(build->source, "Debian sid");
    EXPECT_EQ(build->packages.at("libggml0"), "0.27.0-1");
    const std::string root = world.folder / libraries;
    EXPECT_THAT(build->start, ElementsAre(root + "/ld-linux-x86-64.so.2", "--library-path",
                                          root + ":" + root + "/llama", world.folder / "sid/root/usr/bin/llama-bench"));
    EXPECT_THAT(build->cpu_variants, ElementsAre("haswell", "x64", "zen4"));
    EXPECT_TRUE(build->own_loader);
    EXPECT_THAT(start_command(*build).without, ::testing::Contains("LD_LIBRARY_PATH"));
}

/// A machine that has Debian's package: a program of /usr/bin, which here is one that is there, and what dpkg says.
class DebianMachine final : public ProcessRunner {
  public:
    Result<Finished> run(const Command& command) override {
        Finished finished;
        if (command.argv[0] == "dpkg-query")
            finished.out = "llama.cpp-tools 1:0.7.0+dfsg-2\nlibllama0 1:0.7.0+dfsg-2\nlibggml0 \n";
        else finished.out = testing::kNewHelp;
        return finished;
    }
    std::string find(const std::string& name) const override { return name == "llama-bench" ? "/usr/bin/env" : name; }
};

TEST(Installed, debiansOwnSaysItsVersions) {
    DebianMachine machine;
    const auto build = find_build("llama-bench", machine);
    ASSERT_TRUE(build) << build.error().message;
    EXPECT_EQ(build->name, "debian");
    EXPECT_EQ(build->source, "Debian's llama.cpp-tools 1:0.7.0+dfsg-2");
    EXPECT_EQ(build->packages.size(), 2U);
    EXPECT_THAT(build->start, ElementsAre("/usr/bin/env"));
}

std::string elf_for(char machine) {
    std::string bytes(64, '\0');
    bytes.replace(0, 6,
                  "\x7f"
                  "ELF\2\1");
    bytes[18] = machine;
    return bytes;
}

struct Bad {
    const char* what;
    std::string text;
    bool executable;
    const char* id;
    const char* words;
};

TEST(Installed, whatIsNoLlamaBenchIsToldApart) {
    const Bad cases[] = {
        {"not executable", script(""), false, "bench-not-executable", "may not be executed"},
        {"other machine", elf_for(21), true, "bench-architecture", "is for POWER"},
        {"a picture", "GIF89a", true, "bench-not-llama-bench", "neither a Linux program nor a script"},
        {"half an ELF",
         "\x7f"
         "ELF",
         true, "bench-not-llama-bench", "neither"},
        {"rubbish", "#!/bin/sh\necho hello\nprintf 'a\\033[2Jb'\n", true, "bench-not-llama-bench", "x1b"},
        {"a library is missing",
         "#!/bin/sh\necho 'llama-bench: error while loading shared libraries: libx.so.1' >&2\n"
         "exit 127\n",
         true, "bench-not-llama-bench", "libx.so.1"},
        {"silent", "#!/bin/sh\n", true, "bench-not-llama-bench", "says nothing"},
    };
    RealProcesses processes;
    for (const Bad& bad : cases) {
        const Folder folder;
        folder.write("bin/llama-bench", bad.text, bad.executable);
        const auto build = find_build(folder.path(), processes);
        ASSERT_FALSE(build) << bad.what;
        EXPECT_EQ(build.error().id, bad.id) << bad.what;
        EXPECT_THAT(build.error().message, HasSubstr(bad.words)) << bad.what;
        EXPECT_EQ(build.error().where.file, folder / "bin/llama-bench") << bad.what;
    }
}

TEST(Installed, nothingThereSaysWhatWasLookedFor) {
    const Folder folder;
    RealProcesses processes;
    const auto empty = find_build(folder.path(), processes);
    ASSERT_FALSE(empty);
    EXPECT_EQ(empty.error().id, "bench-no-llama-bench");
    EXPECT_THAT(empty.error().message, HasSubstr("bin/llama-bench"));
    EXPECT_EQ(empty.error().where.file, folder.path());
    EXPECT_EQ(find_build(folder / "none", processes).error().id, "bench-no-llama-bench");
    const auto unknown = find_build("no-such-llama-bench", processes);
    EXPECT_THAT(unknown.error().message, HasSubstr("PATH"));
}

TEST(Installed, aProgramThatDiesIsStillABuild) {
    const Folder folder;
    folder.write("llama-bench", "#!/bin/sh\nkill -ILL $$\n", true);
    RealProcesses processes;
    const auto build = find_build(folder.path(), processes);
    ASSERT_TRUE(build) << build.error().message;
    EXPECT_TRUE(build->options.device);
}

/// Never ends, as far as anyone can see.
class Hanging final : public ProcessRunner {
  public:
    explicit Hanging(std::string id) : id_(std::move(id)) {}
    Result<Finished> run(const Command& command) override {
        EXPECT_LE(command.time_limit, std::chrono::minutes(2));
        return fail(world_error(id_, "no answer"));
    }
    std::string find(const std::string& name) const override { return name; }

  private:
    std::string id_;
};

TEST(Installed, noAnswerIsAnError) {
    const Folder folder;
    folder.write("llama-bench", script(""), true);
    Hanging hanging("program-timeout");
    EXPECT_EQ(find_build(folder.path(), hanging).error().id, "bench-not-llama-bench");
    Hanging stopped("interrupted");
    EXPECT_EQ(find_build(folder.path(), stopped).error().id, "interrupted");
}

}  // namespace
}  // namespace lf::bench
