// SPDX-License-Identifier: MIT
#include "audit/find_files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "audit/audit.h"

namespace lf::audit {
namespace {

namespace fs = std::filesystem;

class Folder : public testing::Test {
  protected:
    void SetUp() override {
        std::string name = testing::TempDir() + "/audit-files-XXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        root_ = fs::canonical(name);
    }
    void TearDown() override {
        std::error_code ignored;
        for (const auto& entry :
             fs::recursive_directory_iterator(root_, fs::directory_options::skip_permission_denied, ignored))
            if (entry.is_directory(ignored)) fs::permissions(entry, fs::perms::owner_all, ignored);
        fs::permissions(root_ / "closed", fs::perms::owner_all, ignored);
        fs::remove_all(root_, ignored);
    }
    void make(const std::string& path, std::string_view bytes = std::string_view("\x7f"
                                                                                 "ELF")) {
        fs::create_directories((root_ / path).parent_path());
        std::ofstream(root_ / path, std::ios::binary) << bytes;
    }
    std::string found(const std::string& below = "", const FindLimits& limits = {}) {
        const auto result = find_files((root_ / below).string(), limits);
        if (!result) return result.error().id;
        std::string out;
        for (const FoundFile& file : result->files) out += file.shown + " ";
        for (const std::string& note : result->notes) out += "| " + note + " ";
        return out;
    }
    fs::path root_;
};

TEST_F(Folder, EveryFileOfCodeIsFoundOnce) {
    make("bin/.llama-server-wrapped");
    make("bin/llama-server", "#!/bin/sh\nexec .llama-server-wrapped\n");
    make("lib/libllama.so.0");
    fs::create_symlink("libllama.so.0", root_ / "lib/libllama.so");
    fs::create_hard_link(root_ / "lib/libllama.so.0", root_ / "lib/libtwin.so");
    fs::create_symlink("..", root_ / "lib/up");
    make("share/kernels.hipfb", "__CLANG_OFFLOAD_BUNDLE__");
    make("share/kernels.fatbin", "\x50\xed\x55\xba");
    make("share/kernels.ptx", "//\n.version 8.4\n.target sm_90a\n");
    make("share/kernels.spv", "\x03\x02\x23\x07");
    make("share/README", "text");
    make("share/empty", "");
    const std::string all = found();
    EXPECT_TRUE(all ==
                    "bin/.llama-server-wrapped lib/libllama.so.0 share/kernels.fatbin share/kernels.hipfb "
                    "share/kernels.ptx share/kernels.spv " ||
                all ==
                    "bin/.llama-server-wrapped lib/libtwin.so share/kernels.fatbin share/kernels.hipfb "
                    "share/kernels.ptx share/kernels.spv ")
        << all;
}

TEST_F(Folder, WhatIsLeftOutIsSaid) {
    make("a.so");
    make("libx.a", "!<arch>\n");
    fs::create_symlink("/bin/sh", root_ / "outside");
    fs::create_symlink("/no/such/file", root_ / "nowhere");
    ASSERT_EQ(::mkfifo((root_ / "pipe").c_str(), 0600), 0);
    EXPECT_EQ(found(), "a.so | 1 link leads outside and was not followed: outside -> " +
                           fs::canonical("/bin/sh").string() +
                           " | 1 link leads nowhere: nowhere | 1 static library was not examined: libx.a ");
}

TEST_F(Folder, WhatWasGivenMayBeALink) {
    make("build/a.so");
    fs::create_symlink("build", root_ / "result");
    EXPECT_EQ(found("result"), "a.so ");
    fs::create_symlink("build/a.so", root_ / "a-link.so");
    EXPECT_EQ(found("a-link.so"), "a-link.so ");
}

TEST_F(Folder, ErrorsSayWhatItIs) {
    EXPECT_EQ(found("none"), "audit-missing");
    EXPECT_EQ(found(), "audit-empty");
    make("script", "#!/bin/sh\n");
    make("empty", "");
    make("x.exe", "MZ\x90");
    make("model.gguf", "GGUF");
    make("text", "hello");
    EXPECT_EQ(found("script/below"), "audit-missing");
    const struct {
        const char* file;
        const char* message;
    } cases[] = {
        {"script", "is a script: audit reads ELF files and GPU code"},
        {"empty", "is an empty file: audit reads ELF files and GPU code"},
        {"x.exe", "is a Windows program (PE): audit reads ELF files and GPU code"},
        {"model.gguf", "is a model (GGUF): audit reads ELF files and GPU code"},
        {"text", "is no ELF file and no GPU code"},
    };
    for (const auto& [file, message] : cases) {
        const auto result = find_files((root_ / file).string());
        ASSERT_FALSE(result) << file;
        EXPECT_EQ(result.error().id, "audit-not-code") << file;
        EXPECT_EQ(result.error().message, message);
    }
    ASSERT_EQ(::mkfifo((root_ / "pipe").c_str(), 0600), 0);
    EXPECT_EQ(found("pipe"), "audit-not-code") << "and it does not wait for a writer";
    EXPECT_EQ(found(), "audit-empty");
}

TEST_F(Folder, IsBounded) {
    for (int i = 0; i < 5; ++i) make("lib" + std::to_string(i) + ".so");
    FindLimits limits;
    limits.files = 3;
    EXPECT_NE(found("", limits).find("2 files were left out: too many"), std::string::npos) << found("", limits);
    limits = {};
    limits.entries = 4;
    EXPECT_NE(found("", limits).find("more than 4 files and folders"), std::string::npos);
    make("a/b/c/d.so");
    limits = {};
    limits.depth = 2;
    EXPECT_NE(found("", limits).find("1 folder is too deep and was not entered: a/b/c"), std::string::npos);
}

TEST_F(Folder, WhatCannotBeReadIsNamed) {
    if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
    make("a.so");
    make("secret.so");
    fs::permissions(root_ / "secret.so", fs::perms::none);
    make("closed/b.so");
    fs::permissions(root_ / "closed", fs::perms::none);
    EXPECT_EQ(found(), "a.so secret.so | 1 folder cannot be read: closed ");
    EXPECT_EQ(found("secret.so"), "audit-unreadable");
}

TEST(OtherFiles, AreNamed) {
    EXPECT_EQ(kind_of_other_file("#!/bin/sh"), "a script");
    EXPECT_EQ(kind_of_other_file("\x7f"
                                 "ELF"),
              "");
    EXPECT_EQ(kind_of_other_file("anything"), "");
    EXPECT_TRUE(begins_as_code("CCOB\x02"));
    EXPECT_TRUE(begins_as_code("\x03\x02\x23\x07"));
    EXPECT_TRUE(begins_as_code("//\n\n.version 8.4\n.target sm_90a\n"));
    EXPECT_FALSE(begins_as_code(".version 8.4\n"));
    EXPECT_FALSE(begins_as_code("The line\n.version 8.4\n.target sm_90a\n"));
    EXPECT_FALSE(begins_as_code("CC"));
    EXPECT_FALSE(begins_as_code(""));
}

/// symlinkJoin links files, buildEnv whole folders; a private store's links name the store as if it were the system's.
TEST_F(Folder, LinksFromOneStorePathOfLlamaCppsIntoAnotherAreFollowed) {
    const std::string a(32, 'a'), b(32, 'b'), c(32, 'c');
    const fs::path store = root_ / "nix/store";
    make("nix/store/" + a + "-llama-cpp-1/lib/libggml.so.0.1");
    make("nix/store/" + a + "-llama-cpp-1/bin/llama-cli");
    make("nix/store/" + b + "-zlib-1/lib/libz.so");
    fs::create_symlink("libggml.so.0.1", store / (a + "-llama-cpp-1/lib/libggml.so"));
    fs::create_symlink("../bin", store / (a + "-llama-cpp-1/lib/loop"));
    fs::create_directories(store / (c + "-env/lib"));
    for (const bool private_names : {true, false}) {
        const std::string to = private_names ? "/nix/store" : store.string();
        fs::remove_all(store / (c + "-env/lib"));
        fs::create_directories(store / (c + "-env/lib"));
        for (const char* name : {"libggml.so", "libggml.so.0.1"})
            fs::create_symlink(to + "/" + a + "-llama-cpp-1/lib/" + name, store / (c + "-env/lib") / name);
        fs::create_symlink(to + "/" + b + "-zlib-1/lib/libz.so", store / (c + "-env/lib/libz.so"));
        fs::remove(store / (c + "-env/bin"));
        fs::create_symlink(to + "/" + a + "-llama-cpp-1/bin", store / (c + "-env/bin"));
        const std::string files = found("nix/store/" + c + "-env");
        EXPECT_EQ(files.substr(0, files.find('|')), "bin/llama-cli lib/libggml.so.0.1 ") << files;
        EXPECT_NE(files.find("1 link leads outside and was not followed: lib/libz.so -> "), std::string::npos) << files;
    }
    FindLimits only;
    only.follow_store = false;
    EXPECT_EQ(found("nix/store/" + c + "-env", only), "audit-empty");
    EXPECT_EQ(found("nix/store/" + a + "-llama-cpp-1"), "bin/llama-cli lib/libggml.so.0.1 ");
    // Elsewhere a folder stays a folder.
    fs::create_directories(root_ / "plain");
    fs::create_symlink(store / (a + "-llama-cpp-1/bin"), root_ / "plain/bin");
    EXPECT_EQ(found("plain"), "audit-empty");
}

TEST_F(Folder, OfAScriptItIsSaidWhatItStarts) {
    const std::string hash(32, 'a');
    const std::string own = hash + "-llama-cpp-1";
    make("nix/store/" + own + "/bin/.llama-wrapped");
    make("nix/store/" + own + "/bin/llama", "#!/bin/sh\nexec /nix/store/" + own + "/bin/.llama-wrapped \"$@\"\n");
    make("env/bin/zlib", "#!/bin/sh\nexec /nix/store/" + hash + "-zlib-1/bin/x\n");
    make("env/bin/llm",
         "#!/bin/sh\nexec \"/nix/store/" + hash + "-zlib-1/bin/sh\" '/nix/store/" + own + "/bin/llama'\n");
    EXPECT_EQ(found("nix/store/" + own), "bin/.llama-wrapped ") << "its own program";
    const auto result = find_files((root_ / "env").string());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().id, "audit-empty");
    EXPECT_NE(result.error().hint.find("bin/llm -> /nix/store/" + own), std::string::npos) << result.error().hint;
    EXPECT_EQ(result.error().hint.find("bin/zlib"), std::string::npos) << result.error().hint;
}

}  // namespace
}  // namespace lf::audit
