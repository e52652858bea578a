// SPDX-License-Identifier: MIT
#include "base/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace lf {
namespace {

Error parse_error(std::string_view text) {
    const auto result = parse_json(text, "f.json");
    return result ? Error() : result.error();
}

TEST(Json, WritesStableBytes) {
    EXPECT_EQ(write_json({{"b", 1}, {"a", {true, nullptr}}}),
              "{\n  \"a\": [\n    true,\n    null\n  ],\n  \"b\": 1\n}\n");
    EXPECT_EQ(write_json("\xff"), "\"\xef\xbf\xbd\"\n");  // replaced, not thrown
    EXPECT_EQ(write_json(std::numeric_limits<double>::quiet_NaN()), "null\n");
}

TEST(Json, ErrorsHaveAPlace) {
    const Error error = parse_error("{\n  \"a\": 1,\n  \"b\" 2\n}\n");
    EXPECT_EQ(error.id, "json-parse");
    EXPECT_EQ(error.where.file, "f.json");
    EXPECT_EQ(error.where.line, 3U);
    EXPECT_EQ(error.where.column, 7U);
    EXPECT_EQ(error.where.source_line, "  \"b\" 2");
}

TEST(Json, RefusesWhatIsNone) {
    for (const char* text : {"", " ", "{", "[1,]", "{\"a\":1,}", "nul", "'a'", "{a:1}", "1 2", "// c\n1", "\"\n\"",
                             "\"\xff\"", "NaN", "01", "+1", "\x00", "[1]x", "\"\\ud800\""})
        EXPECT_EQ(parse_error(text).id, "json-parse") << text;
}

TEST(Json, NumbersTooLargeAreErrorsNotExceptions) {
    EXPECT_EQ(parse_error("1e999").id, "json-parse");
    EXPECT_EQ(parse_error("[-1e999]").id, "json-parse");
    EXPECT_EQ(parse_error("99999999999999999999999").id, "");  // a double then; a reader of whole numbers refuses it
}

TEST(Json, DepthIsLimited) {
    const auto nested = [](int depth) {
        return std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']');
    };
    EXPECT_EQ(parse_error(nested(60)).id, "");
    EXPECT_EQ(parse_error(nested(70)).id, "json-depth");
    EXPECT_EQ(parse_error(nested(2'000'000)).id, "json-depth");
    std::string objects;
    for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
    EXPECT_NE(parse_error(objects).id, "");
    EXPECT_NE(parse_error(std::string(1'000'000, '[')).id, "");
}

TEST(Json, AFieldStandsOnce) {
    EXPECT_EQ(parse_error(R"({"a": 1, "a": 2})").id, "json-twice");
    EXPECT_EQ(parse_error(R"({"x": [{"a": 1, "b": {"a": 2}}, {"a": 1}]})").id, "");
    EXPECT_EQ(parse_error(R"({"x": [{"b": {"a": 2, "a": {}}}]})").id, "json-twice");
}

TEST(Json, MessagesAreShortAndPrintable) {
    const Error error = parse_error("[\"" + std::string(1'000'000, 'x') + "\x1b[2J\"]");
    EXPECT_EQ(error.id, "json-parse");
    EXPECT_LT(error.message.size(), 1000U);
    const Error escape = parse_error("[\x1b[2J]");
    EXPECT_EQ(escape.message.find('\x1b'), std::string::npos);
}

TEST(ObjectReader, ReadsEveryKind) {
    const Json json = parse_json(R"({"s": "x", "n": null, "b": true, "i": -3, "d": 1.5, "l": ["a", "b"], "o": {"k": 1},
                                     "os": "y", "ob": false, "oi": 7})",
                                 "f")
                          .value();
    ObjectReader r(json, "f");
    EXPECT_EQ(r.string("s"), "x");
    EXPECT_EQ(r.optional_string("n"), std::nullopt);
    EXPECT_EQ(r.optional_boolean("n"), std::nullopt);
    EXPECT_EQ(r.optional_integer("n", 0, 1), std::nullopt);
    EXPECT_EQ(r.optional_string("os"), "y");
    EXPECT_EQ(r.optional_boolean("ob"), false);
    EXPECT_EQ(r.optional_integer("oi", 0, 9), 7);
    EXPECT_TRUE(r.boolean("b"));
    EXPECT_EQ(r.integer("i", -5, 5), -3);
    EXPECT_EQ(r.number("d"), 1.5);
    EXPECT_THAT(r.strings("l"), testing::ElementsAre("a", "b"));
    ObjectReader inner(r.value("o"), "f", r.path_of("o"));
    EXPECT_EQ(inner.integer("k", 0, 1), 1);
    EXPECT_TRUE(inner.finish());
    EXPECT_TRUE(r.finish());
}

/// The error of reading `text` with `read`.
Error reading(const char* text, const std::function<void(ObjectReader&)>& read) {
    const Json json = parse_json(text, "f.json").value();
    ObjectReader reader(json, "f.json");
    read(reader);
    const Done done = reader.finish();
    return done ? Error() : done.error();
}

TEST(ObjectReader, TypesAreChecked) {
    const auto id = [](const char* text, const std::function<void(ObjectReader&)>& read) {
        return reading(text, read).id;
    };
    EXPECT_EQ(id("[]", [](auto& r) { r.string("a"); }), "json-type");
    EXPECT_EQ(id("null", [](auto& r) { r.has("a"), r.value("a"), r.optional_string("a"); }), "json-type");
    EXPECT_EQ(id("{}", [](auto& r) { r.string("a"); }), "json-missing-field");
    EXPECT_EQ(id("{}", [](auto& r) { r.optional_string("a"); }), "json-missing-field");
    EXPECT_EQ(id("{}", [](auto& r) { r.value("a"); }), "json-missing-field");
    EXPECT_EQ(id(R"({"a": 1})", [](auto& r) { r.string("a"); }), "json-type");
    EXPECT_EQ(id(R"({"a": "1"})", [](auto& r) { r.integer("a", 0, 9); }), "json-type");
    EXPECT_EQ(id(R"({"a": 1.0})", [](auto& r) { r.integer("a", 0, 9); }), "json-type");
    EXPECT_EQ(id(R"({"a": 0})", [](auto& r) { r.boolean("a"); }), "json-type");
    EXPECT_EQ(id(R"({"a": ["x", 1]})", [](auto& r) { r.strings("a"); }), "json-type");
    EXPECT_EQ(reading(R"({"a": ["x", 1]})", [](auto& r) { r.strings("a"); }).where.json_path, "/a/1");
}

TEST(ObjectReader, RangesAreChecked) {
    const auto id = [](const char* text) { return reading(text, [](auto& r) { r.integer("a", -1, 10); }).id; };
    EXPECT_EQ(id(R"({"a": 10})"), "");
    EXPECT_EQ(id(R"({"a": 11})"), "json-range");
    EXPECT_EQ(id(R"({"a": -2})"), "json-range");
    EXPECT_EQ(id(R"({"a": 18446744073709551615})"), "json-range");  // would be -1
    EXPECT_EQ(id(R"({"a": -9223372036854775808})"), "json-range");
    EXPECT_EQ(id(R"({"a": 18446744073709551616})"), "json-type");
}

TEST(ObjectReader, UnknownFieldsAreRefused) {
    const Error error = reading(R"({"variant": "cpu", "varient": 1})", [](auto& r) { r.string("variant"); });
    EXPECT_EQ(error.id, "json-unknown-field");
    EXPECT_EQ(error.where.json_path, "/varient");
    EXPECT_EQ(error.hint, "did you mean 'variant'?");
    const Error odd = reading("{\"\\u001b[2J\": 1}", [](auto&) {});
    EXPECT_EQ(odd.message.find('\x1b'), std::string::npos);
    EXPECT_EQ(odd.where.json_path.find('\x1b'), std::string::npos);
}

TEST(ObjectReader, TheFirstErrorIsKept) {
    const Error error = reading(R"({"a": 1, "b": 2})", [](auto& r) {
        r.string("a");
        r.string("b");
        r.reject("b", "later", "later");
        r.take(fail(world_error("last", "last")));
    });
    EXPECT_EQ(error.where.json_path, "/a");
}

TEST(ObjectReader, SchemaIsChecked) {
    const auto error = [](const char* text) {
        return reading(text, [](auto& r) { r.schema("llama-fleet/facts", 2); });
    };
    EXPECT_EQ(error(R"({"schema": "llama-fleet/facts", "version": 2})").id, "");
    EXPECT_EQ(error(R"({"schema": "other", "version": 2})").id, "schema-name");
    EXPECT_EQ(error(R"({"schema": "llama-fleet/facts", "version": 3})").id, "schema-version");
    EXPECT_THAT(error(R"({"schema": "llama-fleet/facts", "version": 3})").hint, testing::HasSubstr("newer"));
    EXPECT_THAT(error(R"({"schema": "llama-fleet/facts", "version": 1})").hint, testing::HasSubstr("older"));
    EXPECT_EQ(error(R"({"schema": "llama-fleet/facts", "version": -1})").id, "json-range");
    EXPECT_EQ(error("{}").id, "json-missing-field");
}

TEST(ObjectReader, EachStopsAtTheFirstError) {
    int calls = 0;
    const Error error = reading(R"({"l": [1, 2, 3]})", [&](auto& r) {
        r.each("l", [&](const Json&, const std::string& path) -> Done {
            ++calls;
            if (calls == 2) return fail(world_error("stop", path));
            return {};
        });
    });
    EXPECT_EQ(error.id, "stop");
    EXPECT_EQ(error.message, "/l/1");
    EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace lf
