// SPDX-License-Identifier: MIT
#include "flake/overlay_file.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace lf::flake {
namespace {

std::string with_carriage_returns(const std::string& text) {
    std::string out;
    for (const char c : text) out += c == '\n' ? std::string("\r\n") : std::string(1, c);
    return out;
}

TEST(OverlayFile, knows_its_own_text) {
    EXPECT_EQ(judge_overlay_file(overlay_file_text()), OverlayFile::current);
    EXPECT_EQ(judge_overlay_file(with_carriage_returns(overlay_file_text())), OverlayFile::current);
}

TEST(OverlayFile, an_unedited_file_of_another_version_may_be_replaced) {
    const std::string body = "{ inputs, plan ? null }: final: prev: { }\n";
    EXPECT_EQ(
        judge_overlay_file("# Written by llama-fleet 0.0.1; sha256 of what follows: " + sha256_hex(body) + "\n" + body),
        OverlayFile::older);
}

TEST(OverlayFile, an_owners_edit_is_seen) {
    std::string text = overlay_file_text();
    EXPECT_EQ(judge_overlay_file(text + "# mine\n"), OverlayFile::edited);
    text[text.find("follows: ") + 9] ^= 1;
    EXPECT_EQ(judge_overlay_file(text + "# mine\n"), OverlayFile::edited_outdated);
}

TEST(OverlayFile, anything_else_is_not_ours) {
    for (const char* text :
         {"", "{ inputs, ... }: final: prev: { }", "# Written by llama-fleet 1", "# Written by llama-fleet 1\n{ }"})
        EXPECT_EQ(judge_overlay_file(text), OverlayFile::foreign) << text;
}

}  // namespace
}  // namespace lf::flake
