// SPDX-License-Identifier: MIT
#include "base/error.h"

#include <gtest/gtest.h>

#include "base/result.h"

namespace lf {
namespace {

TEST(Error, KindsGoWithTheirMakers) {
    EXPECT_EQ(usage_error("id", "m").kind, ErrorKind::usage);
    EXPECT_EQ(world_error("id", "m").kind, ErrorKind::world);
    const Error error = owner_error("id", "message", "hint");
    EXPECT_EQ(error.kind, ErrorKind::owner);
    EXPECT_EQ(error.id, "id");
    EXPECT_EQ(error.message, "message");
    EXPECT_EQ(error.hint, "hint");
}

Where at(std::string_view text, std::size_t offset) { return at_offset(Error(), "f.nix", text, offset).where; }

TEST(Error, AtOffsetCountsFromOneInBytes) {
    struct Case {
        std::string_view text;
        std::size_t offset;
        std::uint32_t line, column;
        std::string_view source_line;
    };
    const Case cases[] = {
        {"", 0, 1, 1, ""},           {"ab", 0, 1, 1, "ab"},       {"ab", 2, 1, 3, "ab"},
        {"ab", 99, 1, 3, "ab"},      {"a\nbc", 1, 1, 2, "a"},     {"a\nbc", 2, 2, 1, "bc"},
        {"a\nbc\n", 5, 3, 1, ""},    {"a\r\nb", 1, 1, 2, "a"},    {"\n\n\nx", 3, 4, 1, "x"},
        {"ä = 1", 3, 1, 4, "ä = 1"}, {"a\rb\r\nc", 2, 2, 1, "b"}, {"a\rb\r\nc", 5, 3, 1, "c"},
        {"a\r\rb", 1, 1, 2, "a"},    {"a\r\nb", 2, 1, 3, "a"},
    };
    for (const Case& one : cases) {
        const Where where = at(one.text, one.offset);
        EXPECT_EQ(where.file, "f.nix");
        EXPECT_EQ(where.line, one.line) << one.text;
        EXPECT_EQ(where.column, one.column) << one.text;
        EXPECT_EQ(where.source_line, one.source_line) << one.text;
    }
}

Result<int> half(int n) {
    if (n % 2 != 0) return fail(world_error("odd", "odd"));
    return n / 2;
}

Result<int> quarter(int n) {
    LF_ASSIGN(const int once, half(n));
    LF_ASSIGN(const int twice, half(once));
    return twice;
}

Done both(int a, int b) {
    LF_TRY(half(a));
    LF_TRY(half(b));
    return {};
}

TEST(Result, MacrosLeaveWithTheFirstError) {
    EXPECT_EQ(quarter(8), 2);
    EXPECT_EQ(quarter(6).error().id, "odd");
    EXPECT_TRUE(both(2, 4));
    EXPECT_FALSE(both(1, 4));
    EXPECT_FALSE(both(2, 3));
}

}  // namespace
}  // namespace lf
