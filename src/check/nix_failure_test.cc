// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>

#include "base/files.h"
#include "check/nix_command.h"

namespace lf::check {
namespace {

struct Case {
    const char* name;
    NixCause cause;
    const char* message;  ///< a part of it
    const char* named;
    const char* file = "";
    std::uint32_t line = 0;
    std::uint32_t column = 0;
};

// Two rows for a case where the versions differ: the row's name may carry the version.
const Case kCases[] = {
    {"missing", NixCause::missing_attribute, "attribute 'llama-cpp-cuda' missing", "llama-cpp-cuda", "flake.nix", 1,
     51},
    {"undefined", NixCause::missing_attribute, "undefined variable 'foo'", "foo", "flake.nix", 1, 51},
    {"argument-2.8.0", NixCause::missing_attribute, "without required argument 'a'", "a", "flake.nix", 1, 51},
    {"argument-2.34.8", NixCause::missing_attribute, "without required argument 'a'", "a", "flake.nix", 1, 52},
    {"unfree-2.8.0", NixCause::unfree, "has an unfree license", "cuda_nvcc-12.8.93"},
    {"unfree-2.34.8", NixCause::unfree, "has an unfree license", "cuda_nvcc-12.8.93"},
    {"newunfree-2.8.0", NixCause::unfree, "has an unfree license", "cuda_nvcc-12.8"},
    {"newunfree-2.34.8", NixCause::unfree, "has an unfree license", "cuda_nvcc-12.8"},
    {"recursion", NixCause::infinite_recursion, "infinite recursion encountered", "", "flake.nix", 1, 59},
    {"recursion2-2.8.0", NixCause::infinite_recursion, "stack overflow", ""},
    {"recursion2-2.34.8", NixCause::infinite_recursion, "max-call-depth exceeded", "", "flake.nix", 1, 66},
    {"syntax", NixCause::syntax, "syntax error, unexpected '}', expecting ';'", "", "flake.nix", 2, 6},
    {"nooutput", NixCause::no_such_output, "does not provide attribute", "packages.x86_64-linux.nixosConfigurations"},
    {"network", NixCause::network, "unable to download", "https://api.github.com/repos/NixOS/nixpkgs/commits/HEAD"},
    {"inputgone-2.8.0", NixCause::input_missing, "No such file", "/home/ada/gone"},
    {"inputgone-2.34.8", NixCause::input_missing, "does not exist", "//home/ada/gone"},
    {"badinput", NixCause::not_a_flake, "flake.nix", ""},
    {"throw-2.8.0", NixCause::thrown, "no plan for host carbon: run llama-fleet plan", ""},
    {"throw-2.34.8", NixCause::thrown, "no plan for host carbon", "", "flake.nix", 1, 51},
    {"abort-2.8.0", NixCause::thrown, "'bad'", ""},
    {"abort-2.34.8", NixCause::thrown, "'bad'", "", "flake.nix", 1, 51},
    {"assert-2.8.0", NixCause::thrown, "assertion '(1 == 2)' failed", "", "flake.nix", 1, 51},
    {"assert-2.34.8", NixCause::thrown, "is not equal to", "", "flake.nix", 1, 51},
    {"assertions-2.8.0", NixCause::thrown, "Failed assertions: - The option x must be set - and y too", ""},
    {"assertions-2.34.8", NixCause::thrown, "Failed assertions: - The option x must be set - and y too", "",
     "flake.nix", 1, 51},
    {"ifd", NixCause::import_from_derivation, "allow-import-from-derivation", ""},
    {"type", NixCause::unknown, "cannot add a string to an integer", "", "flake.nix", 1, 55},
    {"nofile-2.8.0", NixCause::not_tracked, "nixos", "nixos"},
    {"nofile-2.34.8", NixCause::not_tracked, "nixos/foo.nix", "nixos/foo.nix", "flake.nix", 1, 51},
    {"untracked-2.8.0", NixCause::not_tracked, "machines", "machines"},
    {"untracked-2.34.8", NixCause::not_tracked, "is not tracked by Git", "machines/a.nix", "/home/ada/fleet/flake.nix",
     1, 49},
    {"ownership", NixCause::ownership, "", ""},
    {"full", NixCause::store, "", ""},
    {"readonly", NixCause::store, "Read-only file system", ""},
    {"systemstore", NixCause::store, "", ""},
};

const Case* row_of(const std::string& file) {
    const std::string name = file.substr(0, file.rfind('-'));
    for (const Case& one : kCases) {
        if (file == one.name || name == one.name) return &one;
    }
    return nullptr;
}

TEST(NixFailure, RecordedFromBothVersions) {
    const std::string folder = LLAMA_FLEET_SOURCE_DIR "/tests/check/recorded";
    std::set<std::string> used;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() != ".txt") continue;
        const std::string name = entry.path().stem().string();
        SCOPED_TRACE(name);
        const Case* row = row_of(name);
        ASSERT_NE(row, nullptr) << "a recording without a row";
        used.insert(row->name);
        const NixFailure failure = read_failure(*read_file(entry.path().string()));
        EXPECT_EQ(failure.cause, row->cause) << failure.message;
        EXPECT_NE(failure.message.find(row->message), std::string::npos) << failure.message;
        if (*row->named != '\0') {
            EXPECT_EQ(failure.name, row->named);
        }
        if (row->line != 0 || row->cause == NixCause::store) {
            EXPECT_EQ(failure.file, row->file);
            EXPECT_EQ(failure.line, row->line);
            EXPECT_EQ(failure.column, row->column);
        }
    }
    EXPECT_EQ(used.size(), std::size(kCases)) << "a row without a recording";
}

TEST(NixFailure, EveryCauseHasAnIdOfItsOwnAndAHint) {
    std::set<std::string> ids;
    for (int cause = 0; cause <= static_cast<int>(NixCause::output); ++cause) {
        const Error error = to_error({static_cast<NixCause>(cause), "x", "", "", 0, 0});
        EXPECT_TRUE(ids.insert(error.id).second) << error.id;
        EXPECT_FALSE(error.hint.empty());
        EXPECT_EQ(error.kind, ErrorKind::world);
    }
}

TEST(NixFailure, ShowsWhereTheErrorStands) {
    const Error error =
        to_error(read_failure("error: syntax error, unexpected end\n\n  at /nix/store/abc-source/m/a.nix:3:14:\n"));
    EXPECT_EQ(error.id, "nix-syntax");
    EXPECT_EQ(error.where.file, "m/a.nix");
    EXPECT_EQ(error.where.line, 3U);
    EXPECT_EQ(error.where.column, 14U);
}

TEST(NixFailure, HostileWordsStayShortAndPrintable) {
    const std::string escape = "error: \x1b]0;owned\x07\x1b[31mred\x1b[0m \xff\xfe bad\n";
    const NixFailure failure = read_failure(escape);
    EXPECT_TRUE(std::all_of(failure.message.begin(), failure.message.end(), [](char c) {
        return static_cast<unsigned char>(c) >= ' ';
    })) << failure.message;
    EXPECT_NE(failure.message.find("red"), std::string::npos);
    EXPECT_LE(read_failure("error: " + std::string(5'000'000, 'x')).message.size(), 300U);
    EXPECT_LE(read_failure("error: " + std::string(200, '\x01')).message.size(), 300U);
    EXPECT_EQ(read_failure(std::string(3'000'000, '\n')).message, "nix failed without a word");
    EXPECT_EQ(read_failure("").cause, NixCause::unknown);
    EXPECT_EQ(read_failure("\x1b[").cause, NixCause::unknown);
    EXPECT_EQ(read_failure("error:").message, "error:");
    EXPECT_EQ(read_failure("error: x\n at /a:99999999999999999999:1:\n").line, 0U);
    EXPECT_EQ(read_failure("Segmentation fault\n").message, "Segmentation fault");
}

TEST(NixFailure, ThePlaceOfOurOwnQuestionIsNotShown) {
    EXPECT_EQ(read_failure("error: attribute 'x' missing\n\n at «string»:1:2:\n").file, "");
    EXPECT_EQ(read_failure("error: attribute 'x' missing\n\n at (string):1:2:\n").file, "");
}

}  // namespace
}  // namespace lf::check
