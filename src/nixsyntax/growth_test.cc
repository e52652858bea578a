// SPDX-License-Identifier: MIT
// Four times the text must take about four times as long, whatever it is made of, and the deepest that is accepted
// must fit on a small stack.
#include <gtest/gtest.h>
#include <pthread.h>

#include <algorithm>
#include <ctime>
#include <functional>
#include <string>

#include "nixsyntax/dump.h"
#include "nixsyntax/variables.h"

namespace lf::nixsyntax {
namespace {

std::string repeated(std::string_view part, int count) {
    std::string out;
    for (int i = 0; i < count; ++i) out += part;
    return out;
}

// `part` count times, each `#` in it replaced by its number.
std::string numbered(std::string_view part, int count) {
    std::string out;
    for (int i = 0; i < count; ++i)
        for (const char c : part) out += c == '#' ? std::to_string(i) : std::string(1, c);
    return out;
}

struct Shape {
    std::string_view begin;
    std::string_view part;
    std::string_view end;
};
constexpr Shape kShapes[] = {
    {"[", " a", "]"},
    {"\"", "a$b\\n", "\""},
    {"''", "\n  a ''$ b ' $ ", "''"},
    {"\"", "${a}", "\""},
    {"''", "\n ${a}", "''"},
    {"", "# c\n/* d */", "1"},
    {"a", ".a", ""},
    {"1", "+1", ""},
    {"f", " f", ""},
    {"", "(", "1"},
    {"{", "a#=1;", "}"},
    {"{", "a#=1;", "a0=2;}"},
    {"{", "a.b#.c=1;", "}"},
    {"{", "a.b.c#=1;a.b.d#.e=2;", "}"},
    {"x: { inherit", " a#", ";}"},
    {"x: {", "inherit (x) a#;", "}"},
    {"a: {", "${a}=1;", "}"},
    {"{ x", ", a#", "}: 1"},
    {"{ x", ", a# ? a#", "}: 1"},
    {"{ a = rec { x = 1; };", "a.a# = [ x a# ];", "}"},
    {"let ", "a# = b: a0;\n", "in a0"},
    {"", "[", ""},
    {"", "{a=", ""},
    {"", "\"${", ""},
    {"", "''${", ""},
    {"", "let a=", ""},
    {"1", "/*", ""},
    {"", ")", ""},
    {"[", " a", "%"},
    {"[", " ./a", "]"},
    {"./a", "/${a}", ""},
    {"", "<a", ""},
    {"", ".", ""},
    {"", "/", ""},
    {"", "a+", ""},
    {"", "a_", ""},
    {"", "if a then b else ", "c"},
    {"1", "\r", ""},
    {"[", " (a b) {c=1;} \"d\" ''e''", "]"},
};

std::clock_t ticks_of(const Shape& shape, int count) {
    const std::string text = std::string(shape.begin) + numbered(shape.part, count) + std::string(shape.end);
    std::clock_t least = 0;
    for (int i = 0; i < 2; ++i) {
        const std::clock_t begin = std::clock();
        const Result<Tree> tree = parse(text, "t.nix");
        if (tree) {
            dump(*tree);
            undefined_variables(*tree);
        }
        const std::clock_t taken = std::clock() - begin;
        least = i == 0 ? taken : std::min(least, taken);
    }
    return least;
}

TEST(Growth, IsLinear) {
    for (const Shape& shape : kShapes) {
        const std::clock_t once = ticks_of(shape, 8000);
        const std::clock_t four_times = ticks_of(shape, 32000);
        // Sixteen times would be quadratic.
        EXPECT_LT(four_times, 9 * once + CLOCKS_PER_SEC / 25) << shape.begin << shape.part << shape.end;
    }
}

std::clock_t ticks_of_variables(const Tree& tree, bool by_sweep) {
    const std::clock_t begin = std::clock();
    EXPECT_TRUE((by_sweep ? undefined_variables(tree) : unresolved_variables(tree)).empty());
    return std::clock() - begin;
}

// A list of `count` uses of as many names below the scope that defines them.
TEST(Growth, OfUsesTimesNamesIsLinear) {
    for (const Shape& scope :
         {Shape{"{ x", ", a#", "}: "}, Shape{"let ", "a# = 1;", "in "}, Shape{"let inherit ({})", " a#", "; in "}}) {
        std::clock_t ticks[2][2];
        for (const int four : {0, 1}) {
            const int count = four == 1 ? 32000 : 8000;
            const auto tree = parse(std::string(scope.begin) + numbered(scope.part, count) + std::string(scope.end) +
                                        "[" + numbered(" a#", count) + "]",
                                    "t.nix");
            ASSERT_TRUE(tree) << tree.error().message;
            for (const bool sweep : {false, true}) ticks[four][sweep ? 1 : 0] = ticks_of_variables(*tree, sweep);
        }
        for (const int which : {0, 1})
            EXPECT_LT(ticks[1][which], 9 * ticks[0][which] + CLOCKS_PER_SEC / 25) << scope.begin << which;
    }
}

// How many scopes stand around the uses does not matter.
TEST(Growth, OfUsesTimesScopesIsASum) {
    std::clock_t ticks[2];
    for (const int deep : {0, 1}) {
        const auto tree = parse(
            "let a = 1; in " + numbered("let b# = 1; in ", deep == 1 ? 4000 : 4) + "[" + repeated(" a", 50000) + "]",
            "t.nix");
        ASSERT_TRUE(tree) << tree.error().message;
        ticks[deep] = ticks_of_variables(*tree, true);
    }
    EXPECT_LT(ticks[1], 4 * ticks[0] + CLOCKS_PER_SEC / 25);
}

// Runs on a thread whose stack has this many bytes.
void on_stack(std::size_t bytes, const std::function<void()>& work) {
    pthread_attr_t attributes{};
    ASSERT_EQ(pthread_attr_init(&attributes), 0);
    ASSERT_EQ(pthread_attr_setstacksize(&attributes, bytes), 0);
    pthread_t thread{};
    const auto start = [](void* task) -> void* {
        (*static_cast<const std::function<void()>*>(task))();
        return nullptr;
    };
    void* const task = const_cast<void*>(static_cast<const void*>(&work));
    ASSERT_EQ(pthread_create(&thread, &attributes, start, task), 0);
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
}

#if defined(__SANITIZE_ADDRESS__)
constexpr std::size_t kStack = std::size_t{8} << 20;  // what the sanitizer adds to every frame
#else
constexpr std::size_t kStack = std::size_t{1} << 20;
#endif

TEST(Growth, DeepestFitsOnASmallStack) {
    for (const auto& [open, close] :
         {std::pair{"(", ")"}, std::pair{"[", "]"}, std::pair{"{ a = ", "; }"}, std::pair{"\"${", "}\""},
          std::pair{"''${", "}''"}, std::pair{"./${", "}"}, std::pair{"{ ${", "} = 1; }"}, std::pair{"a.b or ", ""},
          std::pair{"{ a ? ", " }: 1"}, std::pair{"let a = ", "; in 1"}, std::pair{"a.${", "}"},
          std::pair{"rec { inherit (", ") a; }"}, std::pair{"let { body = ", "; }"}, std::pair{"a ? ${", "}"},
          std::pair{"a.\"${", "}\""}, std::pair{"f (", ")"}, std::pair{"1 + (", ")"}, std::pair{"{ a = [ ", " ]; }"}}) {
        on_stack(kStack, [&, open = open, close = close] {
            for (const int count : {static_cast<int>(kMaxNesting) / 2 - 1, static_cast<int>(kMaxNesting) - 2,
                                    static_cast<int>(kMaxNesting) + 1, 100000}) {
                const Result<Tree> tree = parse(repeated(open, count) + "1" + repeated(close, count), "t.nix");
                if (!tree) {
                    EXPECT_EQ(tree.error().id, "nix-depth") << open;
                    continue;
                }
                EXPECT_LE(count, static_cast<int>(kMaxNesting)) << open;
                EXPECT_FALSE(dump(*tree).empty());
                undefined_variables(*tree);
            }
        });
    }
}

}  // namespace
}  // namespace lf::nixsyntax
