// SPDX-License-Identifier: MIT
#include "nixsyntax/edit.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace lf::nixsyntax {
namespace {

TEST(EditSet, AppliesInTheOrderOfTheText) {
    EditSet edits;
    edits.insert(4, "X");
    edits.replace({4, 6}, "Y");
    edits.insert(4, "Z");
    edits.erase({0, 2});
    edits.insert(6, "W");
    edits.insert(8, "!");
    EXPECT_EQ(edits.apply("01234567").value(), "23XZYW67!");
    EXPECT_EQ(edits.inverse("01234567")->apply("23XZYW67!").value(), "01234567");
}

TEST(EditSet, RefusesOverlaps) {
    EditSet inside;
    inside.replace({2, 6}, "a");
    inside.insert(4, "b");
    EXPECT_EQ(inside.apply("01234567").error().id, "edit-conflict");
    EditSet both;
    both.replace({2, 6}, "a");
    both.erase({2, 3});
    EXPECT_EQ(both.inverse("01234567").error().id, "edit-conflict");
    EditSet outside;
    outside.insert(9, "a");
    EXPECT_EQ(outside.apply("01234567").error().id, "edit-range");
    EditSet turned;
    turned.erase({3, 2});
    EXPECT_EQ(turned.apply("01234567").error().id, "edit-range");
    EditSet touching;
    touching.erase({2, 4});
    touching.erase({4, 6});
    EXPECT_EQ(touching.apply("01234567").value(), "0167");
}

TEST(EditSet, InverseRestoresWhateverWasDone) {
    std::mt19937 random(1);  // NOLINT: the same edits every time
    for (int round = 0; round < 2000; ++round) {
        std::string text(random() % 30, ' ');
        for (char& c : text) c = static_cast<char>('a' + random() % 26);
        EditSet edits;
        for (std::uint32_t begin = 0; begin <= text.size();) {
            const auto end =
                std::min(static_cast<std::uint32_t>(text.size()), begin + static_cast<std::uint32_t>(random() % 3));
            edits.replace({begin, end}, std::string(random() % 3, 'X'));
            begin = end + static_cast<std::uint32_t>(random() % 3 + (end == begin ? 1 : 0));
        }
        const std::string edited = edits.apply(text).value();
        const EditSet inverse = edits.inverse(text).value();
        ASSERT_EQ(inverse.apply(edited).value(), text);
    }
}

TEST(Prove, AcceptsWhatTheEditsSayOnly) {
    const std::string original = "{ a = 1; } # c";
    EditSet edits;
    edits.insert(8, " b = 2;");
    EXPECT_EQ(apply_proven(original, edits, "t.nix").value(), "{ a = 1; b = 2; } # c");
    EXPECT_EQ(prove(original, edits, "{ a = 1; b = 2; } # d", "t.nix").error().id, "edit-unproven");
    EXPECT_EQ(prove(original, edits, "{ a = 1; b = 2; }", "t.nix").error().id, "edit-unproven");
    EXPECT_EQ(prove(original, edits, "{ a = 1; b = 2; } # c ", "t.nix").error().id, "edit-unproven");
    EXPECT_EQ(prove(original, edits, original, "t.nix").error().id, "edit-unproven");
}

TEST(Prove, RefusesWhatDoesNotParse) {
    EditSet edits;
    edits.insert(8, " a = 2;");
    const auto refused = apply_proven("{ a = 1; }", edits, "t.nix");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().id, "edit-broken");
    ASSERT_EQ(refused.error().causes.size(), 1U);
    EXPECT_EQ(refused.error().causes[0].id, "nix-duplicate");
}

}  // namespace
}  // namespace lf::nixsyntax
