// SPDX-License-Identifier: MIT
#include "cli/render_error.h"

#include <gtest/gtest.h>

namespace lf::cli {
namespace {

TEST(ErrorText, ShowsPlaceLineCaretAndHint) {
    const Error error =
        at_offset(world_error("nix-parse", "expected ';'", "add it\nand try again"), "flake.nix", "{\n\ta = 1\n}\n", 7);
    EXPECT_EQ(error_text(error),
              "llama-fleet: error: flake.nix:2:6: expected ';'\n"
              "  \ta = 1\n"
              "  \t    ^\n"
              "hint: add it\n"
              "      and try again\n");
}

TEST(ErrorText, NamesHostAndJsonPath) {
    Error error = world_error("json-type", "expected a string, got number");
    error.where.host = "boron";
    error.where.file = "facts.json";
    error.where.json_path = "/cpu/vendor";
    EXPECT_EQ(error_text(error), "llama-fleet: error: boron: facts.json: /cpu/vendor: expected a string, got number\n");
}

TEST(ErrorText, LongLinesAreCutAroundTheCaret) {
    const std::string line(500, 'x');
    const std::string text = error_text(at_offset(world_error("x", "m"), "f", line, 400));
    EXPECT_NE(text.find("\n  xxx"), std::string::npos);
    for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
        EXPECT_LE(end - begin, 80U);
}

TEST(ErrorText, WhatComesFromOutsideCannotMoveTheCursor) {
    Error error = world_error("x", "bad \x1b[2J name");
    error.where.file = "a\rb";
    error.causes.push_back(world_error("y", "\x1b]0;title\a"));
    const std::string text = error_text(error);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find('\r'), std::string::npos);
    EXPECT_EQ(text.find('\a'), std::string::npos);
}

TEST(ErrorJson, IsOneLineEvenWithHostileText) {
    const std::string json = error_json(world_error("x", "a\nb\xff\"c"));
    EXPECT_EQ(std::count(json.begin(), json.end(), '\n'), 1);
    EXPECT_NE(json.find("\"id\":\"x\""), std::string::npos);
}

}  // namespace
}  // namespace lf::cli
