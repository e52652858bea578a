// SPDX-License-Identifier: MIT
// Whatever stands in facts, plans, results and what check printed: it is shown, and is never markup.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "base/json.h"
#include "base/text.h"
#include "report/filled_for_test.h"
#include "report/page_check_for_test.h"
#include "report/render.h"

namespace lf::report {
namespace {

const std::vector<std::string> kHostile = {
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</title></style></svg></table><h1>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "&lt;b&gt;&amp;&#60;",
    "javascript:alert(1)",
    "\x1b[31mred\x07",
    std::string("a\0b", 3),
    "\xff\xfe\xc3",
    "\xe2\x80\xae"
    "gnp.exe",
    "\xe2\x80\xa8"
    "line",
    "| a | b |\n| --- | --- |",
    "# heading\n\n- item\n1. item",
    "[text](http://example.invalid) ![image](x) `code`` ``` **bold**",
    "${jndi} $(rm -rf /) `id`",
    "{{7*7}} {% x %}",
    std::string(5000, 'A'),
    "",
    "\t \r\n",
};

FleetReport hostile(unsigned seed) {
    std::mt19937 random(seed);
    const double numbers[] = {0,
                              1,
                              -1,
                              57.03,
                              1e300,
                              -1e300,
                              1e-300,
                              std::numeric_limits<double>::infinity(),
                              std::numeric_limits<double>::quiet_NaN()};
    test::Filler filler{[&] { return kHostile[random() % kHostile.size()]; },
                        [&] { return numbers[random() % std::size(numbers)]; },
                        [&] { return static_cast<int>(random() % 4); }};
    return test::filled(filler, 4);
}

TEST(ReportHostile, NoTagOrAttributeComesFromData) {
    for (unsigned seed = 0; seed < 150; ++seed) {
        const FleetReport fleet = hostile(seed);
        const std::string page = render_html(fleet);
        test::PageReader reader(page);
        ASSERT_EQ(reader.complaint(), "") << "seed " << seed;
        ASSERT_EQ(page.find("<script>alert"), std::string::npos);
        const auto json = parse_json(reader.json(), "page");
        ASSERT_TRUE(json);
        ASSERT_EQ(write_json(*json), to_json(fleet)) << "seed " << seed;
    }
}

TEST(ReportHostile, TextHasNoControlBytes) {
    for (unsigned seed = 0; seed < 50; ++seed)
        for (const char c : render_text(hostile(seed)))
            ASSERT_TRUE(c == '\n' || c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f))
                << "seed " << seed;
}

std::size_t bars_in(std::string_view line) {
    std::size_t bars = 0;
    for (std::size_t i = 0; i < line.size(); ++i)
        if (line[i] == '|' && (i == 0 || line[i - 1] != '\\')) ++bars;
    return bars;
}

/// Without code spans and escapes, which are nothing but text: as CommonMark finds them, line by line.
std::string without_code(std::string_view line) {
    std::string out;
    for (std::size_t i = 0; i < line.size();) {
        std::size_t run = 0;
        while (i + run < line.size() && line[i + run] == '`') ++run;
        if (line[i] == '\\' || run == 0) {
            if (line[i] != '\\') out += line[i];  // what is escaped is text
            i += line[i] == '\\' ? 2 : 1;
            continue;
        }
        std::size_t end = i + run, length = 0;
        for (; end < line.size() && length != run; end += std::max<std::size_t>(length, 1))
            for (length = 0; end + length < line.size() && line[end + length] == '`';) ++length;
        if (length != run) out += line.substr(i, run), end = i + run;  // no code span: the marks themselves
        i = end;
    }
    return out;
}

TEST(ReportHostile, MarkdownTablesKeepTheirColumns) {
    for (unsigned seed = 0; seed < 100; ++seed) {
        std::size_t columns = 0;
        const std::string text = render_markdown(hostile(seed));
        for (const std::string_view line : lines(text)) {
            for (const char* tag : {"<script", "<img", "</script", "<h1", "<!--", "](http"})
                ASSERT_EQ(without_code(line).find(tag), std::string::npos) << "seed " << seed << ": " << line;
            const bool row = line.starts_with("| ");
            if (!row) columns = 0;
            else if (columns == 0) columns = bars_in(line);
            else ASSERT_EQ(bars_in(line), columns) << "seed " << seed << ": " << line;
        }
    }
}

TEST(ReportHostile, TheReaderOfThisTestSeesFaults) {
    const std::string page = render_html(hostile(1));
    const auto with = [&](std::string_view before, std::string_view added) {
        std::string changed = page;
        changed.insert(changed.find(before), added);
        return test::PageReader(changed).complaint();
    };
    EXPECT_EQ(test::PageReader(page).complaint(), "");
    EXPECT_THAT(with("<h2", "<img>"), testing::HasSubstr("a tag of nobody: img"));
    EXPECT_THAT(with("<h2", "<b onclick=\"x\"></b>"), testing::HasSubstr("an attribute of nobody"));
    EXPECT_THAT(with("<h2", "</b>"), testing::HasSubstr("closed out of order"));
    EXPECT_THAT(with("<h2", "<a href=\"javascript:x\"></a>"), testing::HasSubstr("a link that leads out"));
    EXPECT_THAT(with("<h2", "a \" b"), testing::HasSubstr("a bare mark"));
    EXPECT_THAT(with("</body", "<script>x</script>"), testing::HasSubstr("a script of nobody"));
}

}  // namespace
}  // namespace lf::report
