// SPDX-License-Identifier: MIT
#include "cli/arguments.h"

#include <gtest/gtest.h>

#include "cli/help.h"

namespace lf::cli {
namespace {

Parsed parsed(const std::vector<std::string>& words) {
    auto result = parse_arguments(words);
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    return result ? *result : Parsed{};
}

Error refused(const std::vector<std::string>& words) {
    auto result = parse_arguments(words);
    EXPECT_FALSE(result);
    return result ? Error{} : result.error();
}

TEST(Arguments, SwitchesValuesAndPositionals) {
    const Parsed p = parsed({"fit", "--write", "/etc/nixos", "--host", "a", "--host=b", "--here", "c"});
    ASSERT_NE(p.command, nullptr);
    EXPECT_EQ(p.command->name, "fit");
    EXPECT_TRUE(p.arguments.has("--write"));
    EXPECT_FALSE(p.arguments.has("--git-add"));
    EXPECT_EQ(p.arguments.positional(), (std::vector<std::string>{"/etc/nixos"}));
    EXPECT_EQ(p.arguments.values("--host"), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(p.arguments.value("--here"), "c");
}

TEST(Arguments, AnOptionalValueMayBeMissing) {
    EXPECT_TRUE(parsed({"plan", "--why"}).arguments.has("--why"));
    EXPECT_EQ(parsed({"plan", "--why"}).arguments.value("--why"), std::nullopt);
    EXPECT_EQ(parsed({"plan", "--why", "GGML_AVX2"}).arguments.value("--why"), "GGML_AVX2");
    EXPECT_EQ(parsed({"plan", "facts.json", "--why", "GGML_AVX2", "--json"}).arguments.positional().size(), 1U);
    EXPECT_EQ(parsed({"plan", "--why", "--json"}).arguments.value("--why"), std::nullopt);
}

TEST(Arguments, TwoValuesWhereOneIsTakenAreRefused) {
    EXPECT_EQ(refused({"plan", "--format", "nix", "--format", "cmake"}).message,
              "--format is given twice: 'nix' and 'cmake'");
    EXPECT_EQ(parsed({"plan", "--format", "nix", "--format=nix"}).arguments.value("--format"), "nix");
    // As in an alias: the colour is no contradiction.
    EXPECT_EQ(parsed({"plan", "--color", "never", "--color", "always"}).arguments.value("--color"), "always");
}

TEST(Arguments, NoOptionOfAnyVerbTakesAnEmptyValue) {
    for (const Command& command : commands()) {
        const std::string verb(command.name);
        for (const auto options : {command.options, common_options()})
            for (const Option& option : options) {
                if (option.takes == Takes::nothing) continue;
                const std::string name(option.name);
                const std::string where = verb + " " + name;
                for (const Error& error : {refused({verb, "x", name, ""}), refused({verb, "x", name + "="})}) {
                    EXPECT_EQ(error.id, "usage-option") << where;
                    EXPECT_EQ(error.message, name + ": an empty value") << where;
                }
            }
        EXPECT_EQ(refused({verb, ""}).id, "usage-argument") << verb;
        EXPECT_EQ(refused({verb, "--json", ""}).id, "usage-argument") << verb;
        EXPECT_EQ(refused({verb, "--", ""}).id, "usage-argument") << verb;
    }
}

TEST(Arguments, AfterTwoDashesEverythingIsPositional) {
    EXPECT_EQ(parsed({"syntax", "--", "--tree"}).arguments.positional(), (std::vector<std::string>{"--tree"}));
    EXPECT_FALSE(parsed({"syntax", "--", "--tree"}).arguments.has("--tree"));
}

TEST(Arguments, SlipsGetASuggestion) {
    EXPECT_EQ(refused({"prob"}).hint, "did you mean 'probe'?");
    EXPECT_EQ(refused({"fit", ".", "--wriet"}).hint, "did you mean '--write'?");
    EXPECT_EQ(refused({"fit", ".", "--wriet=1"}).hint, "did you mean '--write'?");
    EXPECT_EQ(refused({"xyzzy"}).kind, ErrorKind::usage);
}

TEST(Arguments, CountsPositionals) {
    EXPECT_EQ(refused({"fit"}).id, "usage-argument");
    EXPECT_EQ(refused({"probe", "x"}).id, "usage-argument");
    EXPECT_EQ(refused({"fit", ".", "--host"}).id, "usage-option");
}

TEST(Arguments, PairsAndNumbers) {
    const Parsed p = parsed({"fit", ".", "--root", "a=/x=y", "--root", "b=z"});
    const auto pairs = p.arguments.pairs("--root");
    ASSERT_TRUE(pairs);
    EXPECT_EQ(pairs->at("a"), "/x=y");
    EXPECT_EQ(parsed({"fit", ".", "--root", "a="}).arguments.pairs("--root").error().id, "usage-pair");
    EXPECT_EQ(parsed({"bench", "--repeats", "0"}).arguments.number("--repeats", 5, 1, 9).error().id, "usage-number");
    EXPECT_EQ(parsed({"bench", "--repeats", "7"}).arguments.number("--repeats", 5, 1, 9), 7);
    EXPECT_EQ(parsed({"bench"}).arguments.number("--repeats", 5, 1, 9), 5);
}

TEST(Arguments, HelpAnywhereIsHelp) {
    EXPECT_TRUE(parsed({"fit", "--wirte", "--help"}).help);
    EXPECT_TRUE(parsed({}).help);
    EXPECT_TRUE(parsed({"help", "fit"}).help);
    EXPECT_FALSE(parsed({"syntax", "--", "--help"}).help);
}

TEST(Help, EveryOptionIsInHelpAndMan) {
    const std::string man = man_page();
    for (const Command& command : commands()) {
        const std::string text = command_text(command);
        EXPECT_NE(overview_text().find(command.summary), std::string::npos);
        for (const Option& option : command.options)
            EXPECT_NE(text.find(option.name), std::string::npos) << option.name;
        for (const std::string_view example : command.examples)
            EXPECT_TRUE(example.starts_with("llama-fleet " + std::string(command.name))) << example;
        EXPECT_NE(man.find(".SS " + std::string(command.name)), std::string::npos);
    }
}

TEST(Help, ExamplesParse) {
    for (const Command& command : commands())
        for (std::string_view example : command.examples) {
            std::vector<std::string> words;
            std::string word;
            for (const char c : example.substr(0, example.find(" > "))) {
                if (c == ' ') words.push_back(std::exchange(word, ""));
                else word += c;
            }
            words.push_back(word);
            words.erase(words.begin());
            EXPECT_TRUE(parse_arguments(words)) << example;
        }
}

TEST(Arguments, AnOptionThatMayBeGivenOftenTakesOneWordEachTime) {
    const auto parsed = parse_arguments({"check", "--host", "boron", ".", "--host", "carbon"});
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->arguments.values("--host"), (std::vector<std::string>{"boron", "carbon"}));
    EXPECT_EQ(parsed->arguments.positional(), (std::vector<std::string>{"."}));
}

}  // namespace
}  // namespace lf::cli
