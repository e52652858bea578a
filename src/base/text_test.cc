// SPDX-License-Identifier: MIT
#include "base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "base/process.h"

namespace lf {
namespace {

using testing::ElementsAre;

/// `n` bytes; three quarters of them from `likely`.
std::string random_bytes(std::mt19937& random, std::size_t n, std::string_view likely) {
    std::string out;
    for (std::size_t i = 0; i < n; ++i)
        out += random() % 4 != 0 ? likely[random() % likely.size()] : static_cast<char>(random() % 256);
    return out;
}

TEST(Text, Split) {
    EXPECT_THAT(split("a:b", ':'), ElementsAre("a", "b"));
    EXPECT_THAT(split("", ':'), ElementsAre(""));
    EXPECT_THAT(split(":a::", ':'), ElementsAre("", "a", "", ""));
}

TEST(Text, Lines) {
    EXPECT_THAT(lines(""), ElementsAre());
    EXPECT_THAT(lines("\n"), ElementsAre(""));
    EXPECT_THAT(lines("a\nb"), ElementsAre("a", "b"));
    EXPECT_THAT(lines("a\r\n\r\nb\n"), ElementsAre("a", "", "b"));
    EXPECT_THAT(lines("a\rb"), ElementsAre("a\rb"));
}

TEST(Text, Trim) {
    EXPECT_EQ(trim(" \t\r\na b\n"), "a b");
    EXPECT_EQ(trim(" \n"), "");
    EXPECT_EQ(trim(""), "");
}

TEST(Text, JoinAndIndent) {
    const std::vector<std::string> parts = {"a", "", "b"};
    EXPECT_EQ(join(parts, ", "), "a, , b");
    EXPECT_EQ(join({}, ", "), "");
    EXPECT_EQ(indent("a\n\nb", "  "), "  a\n\n  b");
    EXPECT_EQ(indent("a\n", "> "), "> a\n");
    EXPECT_EQ(indent("", "> "), "");
}

TEST(Text, ParseUnsigned) {
    EXPECT_EQ(parse_unsigned("0"), 0U);
    EXPECT_EQ(parse_unsigned("18446744073709551615"), 18446744073709551615ULL);
    EXPECT_EQ(parse_unsigned("0x1f", 16), 31U);
    EXPECT_EQ(parse_unsigned("1F", 16), 31U);
    EXPECT_EQ(parse_unsigned("101", 2), 5U);
    for (const char* bad : {"", " 1", "1 ", "-1", "+1", "1x", "18446744073709551616", "0x1"})
        EXPECT_FALSE(parse_unsigned(bad)) << bad;
    for (const char* bad : {"", "0x", "0x0x1", "x1", "g"}) EXPECT_FALSE(parse_unsigned(bad, 16)) << bad;
}

TEST(Text, EditDistance) {
    EXPECT_EQ(edit_distance("", ""), 0U);
    EXPECT_EQ(edit_distance("abc", ""), 3U);
    EXPECT_EQ(edit_distance("carbon", "crabon"), 1U);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
    EXPECT_EQ(edit_distance("ca", "abc"), 3U);  // optimal string alignment: no edit inside a swap
}

TEST(Text, EditDistanceIsSymmetricAndBounded) {
    std::mt19937 random(1);
    for (int i = 0; i < 300; ++i) {
        const std::string a = random_bytes(random, random() % 9, "abc");
        const std::string b = random_bytes(random, random() % 9, "abc");
        const std::size_t distance = edit_distance(a, b);
        EXPECT_EQ(distance, edit_distance(b, a));
        EXPECT_EQ(distance == 0, a == b);
        EXPECT_LE(distance, std::max(a.size(), b.size()));
        EXPECT_GE(distance, std::max(a.size(), b.size()) - std::min(a.size(), b.size()));
    }
}

TEST(Text, DidYouMean) {
    const std::vector<std::string> hosts = {"carbon", "boron", "beryllium"};
    EXPECT_EQ(did_you_mean("crabon", hosts), "carbon");
    EXPECT_EQ(did_you_mean("berylium", hosts), "beryllium");
    EXPECT_EQ(did_you_mean("helium", hosts), std::nullopt);
    EXPECT_EQ(did_you_mean("", hosts), std::nullopt);
    EXPECT_EQ(did_you_mean("x", {}), std::nullopt);
}

TEST(Text, Printable) {
    EXPECT_EQ(printable("plain text, äöü 日本 🦙"), "plain text, äöü 日本 🦙");
    EXPECT_EQ(printable("a\x1b[2Jb"), "a\\x1b[2Jb");
    EXPECT_EQ(printable("a\nb\r\tc"), "a\\nb\\x0d\tc");
    EXPECT_EQ(printable("a\nb\r", true), "a\nb\\x0d");
    EXPECT_EQ(printable(std::string_view("\0\x7f", 2)), "\\x00\\x7f");
    EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b");  // C1: CSI in one character
    EXPECT_EQ(printable("a\u202e"
                        "b"),
              "a\\xe2\\x80\\xae"
              "b");  // right to left
    EXPECT_EQ(printable("\u2066\u200f"), "\\xe2\\x81\\xa6\\xe2\\x80\\x8f");
    EXPECT_EQ(printable("\xc0\xaf\xed\xa0\x80\xf5"),
              "\\xc0\\xaf\\xed\\xa0\\x80\\xf5");     // overlong, surrogate, too large
    EXPECT_EQ(printable("\xe2\x82"), "\\xe2\\x82");  // cut off
}

TEST(Text, PrintableNeverEmitsControlBytes) {
    std::mt19937 random(2);
    for (int i = 0; i < 2000; ++i) {
        const std::string text = random_bytes(random, random() % 40, "\x1b\xc2\x9b\xe2\x80\xae\xf0\x9f\r\n\tab");
        const std::string out = printable(text, i % 2 == 0);
        for (const char c : out) {
            const bool allowed = c == '\t' || (c == '\n' && i % 2 == 0);
            EXPECT_TRUE(allowed || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f));
        }
        EXPECT_EQ(out.find("\xc2\x9b"), std::string::npos);
        EXPECT_EQ(out.find("\u202e"), std::string::npos);
        EXPECT_EQ(printable(out, true), out);  // what is printable stays
    }
}

TEST(Text, ShellWord) {
    EXPECT_EQ(shell_word("nixosConfigurations.carbon.pkgs"), "nixosConfigurations.carbon.pkgs");
    EXPECT_EQ(shell_word(".#nixosConfigurations.carbon"), ".#nixosConfigurations.carbon");
    EXPECT_EQ(shell_word("#x"), "'#x'");
    EXPECT_EQ(shell_word(""), "''");
    EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
    EXPECT_EQ(shell_word("~/x"), "'~/x'");
    const std::vector<std::string> argv = {"nix", "build", ".#a b"};
    EXPECT_EQ(shell_command(argv), "nix build '.#a b'");
    EXPECT_EQ(shell_command({}), "");
}

TEST(Text, ShellWordsComeBackFromAShell) {
    std::mt19937 random(3);
    Command command;
    std::vector<std::string> words = {"printf", "%s\\0"};
    for (int i = 0; i < 300; ++i) {
        std::string word = random_bytes(random, random() % 12, "'\"\\$`!*?~#&;|<>(){}[] \t\na=-%^.:");
        std::erase(word, '\0');
        words.push_back(word);
    }
    command.argv = {"sh", "-c", shell_command(words)};
    RealProcesses processes;
    const auto finished = processes.run(command);
    ASSERT_TRUE(finished);
    std::string expected;
    for (std::size_t i = 2; i < words.size(); ++i) expected += words[i] + '\0';
    EXPECT_EQ(finished->out, expected);
}

TEST(Text, NixString) {
    EXPECT_EQ(nix_string("plain"), "\"plain\"");
    EXPECT_EQ(nix_string("a\"b\\c"), R"("a\"b\\c")");
    EXPECT_EQ(nix_string("${x} $x $$ {"), R"("\${x} $x $$ {")");
    EXPECT_EQ(nix_string("a\n\r\tb"), R"("a\n\r\tb")");
}

TEST(Text, NixStringsComeBackFromNix) {
    RealProcesses processes;
    if (processes.find("nix-instantiate").empty()) GTEST_SKIP() << "nix-instantiate is not installed";
    std::mt19937 random(4);
    std::string list = "[";
    std::vector<std::string> texts;
    for (int i = 0; i < 200; ++i) {
        std::string text;
        for (std::size_t n = random() % 12; n > 0; --n)
            text += R"($${}"\'`a)"
                    "\n\r\t"[random() % 12];
        texts.push_back(text);
        list += " " + nix_string(text);
    }
    Command command;
    command.argv = {
        "nix-instantiate", "--eval", "--strict", "-E", "builtins.concatStringsSep \"\\n--\\n\" " + list + "]",
        "--json"};
    command.environment = {{"NIX_REMOTE", "dummy://"}, {"NIX_STATE_DIR", "/nonexistent"}};
    command.without = {"NIX_PATH"};
    const auto finished = processes.run(command);
    ASSERT_TRUE(finished);
    if (finished->exit_code != 0) GTEST_SKIP() << "nix-instantiate does not work here: " << finished->err;
    // Only these need escaping in JSON: the text has nothing else.
    std::string expected = "\"";
    for (const char c : join(texts, "\n--\n")) {
        if (c == '"' || c == '\\') expected += '\\';
        if (c == '\n') expected += "\\n";
        else if (c == '\r') expected += "\\r";
        else if (c == '\t') expected += "\\t";
        else expected += c;
    }
    EXPECT_EQ(trim(finished->out), expected + "\"");
}

TEST(Text, Sha256) {
    EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256_hex(std::string_view()), sha256_hex(""));
}

}  // namespace
}  // namespace lf
