// SPDX-License-Identifier: MIT
// llama-fleet/edits.json comes from the disk like everything else: whatever it holds, it is read as it is, or refused.
#include "flake/record.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "base/json.h"
#include "base/memory_files_test.h"
#include "base/text.h"
#include "flake/undo.h"

namespace lf::flake {
namespace {

const std::string kBefore = "{\n  a = 1; # caf\xc3\xa9\n}\n";
const std::string kAfter = "{\n  a = 1; # caf\xc3\xa9\n  b = 2;\n}\n";

Record small_record(const std::string& before = kBefore, const std::string& after = kAfter) {
    const auto at = static_cast<std::uint32_t>(before.rfind('}'));
    const std::vector<nixsyntax::Edit> edits{{{at, at}, "  b = 2;\n"}};
    return {{{{recorded({"flake.nix", before, after}, &edits, 0),
               recorded({"overlays/llama-cpp.nix", std::nullopt, "1\n"}, nullptr, 0),
               recorded({"old.nix", "2\n", std::nullopt}, nullptr, 0755),
               recorded({"llama-fleet/facts/a.json", "3\n", "4\n"}, nullptr, 0)}}}};
}

std::string id_of(const std::string& json) {
    const auto record = record_from_json(json, "edits.json");
    return record ? "fine" : record.error().id;
}

TEST(Record, comes_back_as_it_was) {
    const Record record = small_record();
    EXPECT_EQ(record.layers[0].files[0].edits[0].above, "{\n  a = 1; # caf\xc3\xa9\n");
    EXPECT_EQ(record.layers[0].files[0].edits[0].below, "}\n");
    EXPECT_EQ(record.layers[0].files[0].edits[0].line, 3U);
    const std::string json = record_json(record);
    const auto read = record_from_json(json, "edits.json");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, record);
    EXPECT_EQ(record_json(*read), json);
}

TEST(Record, keeps_bytes_that_are_no_utf8) {
    const Record record = small_record("{ # caf\xe9 \xff\x80\n}\n", "{ # caf\xe9 \xff\x80\n  b = 2;\n}\n");
    const std::string json = record_json(record);
    EXPECT_NE(json.find("latin-1"), std::string::npos);
    const auto read = record_from_json(json, "edits.json");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, record);
}

TEST(Record, context_is_three_whole_lines) {
    const std::string before = "1\n2\n3\n4\n5 6\n7\n8\n9\n10\n";
    const std::vector<nixsyntax::Edit> edits{{{9, 9}, "X"}};
    const std::string after = "1\n2\n3\n4\n5X 6\n7\n8\n9\n10\n";
    const RecordedFile file = recorded({"a.nix", before, after}, &edits, 0);
    EXPECT_EQ(file.edits[0].above, "2\n3\n4\n5");
    EXPECT_EQ(file.edits[0].below, " 6\n7\n8\n9\n");
}

TEST(Record, knows_what_fit_made) {
    Record record = small_record();
    EXPECT_TRUE(made_by_fit(record, "overlays/llama-cpp.nix"));
    EXPECT_FALSE(made_by_fit(record, "llama-fleet/facts/a.json"));
    EXPECT_FALSE(made_by_fit(record, "flake.nix"));
    record.layers.push_back({{recorded({"overlays/llama-cpp.nix", "1\n", std::nullopt}, nullptr, 0)}});
    EXPECT_FALSE(made_by_fit(record, "overlays/llama-cpp.nix"));
}

struct Hostile {
    const char* what;
    std::string field;  ///< as a JSON pointer
    Json value;
    std::string id;
};

TEST(Record, refuses_what_fit_could_not_have_written) {
    const std::string hash(64, 'a');
    const std::vector<Hostile> cases{
        {"a path out of the repository", "/layers/0/files/0/path", "../flake.nix", "edits-path"},
        {"an absolute path", "/layers/0/files/0/path", "/etc/passwd.nix", "edits-path"},
        {"git's own folder", "/layers/0/files/2/path", ".git/hooks/a.nix", "edits-path"},
        {"a hidden file", "/layers/0/files/2/path", ".envrc", "edits-path"},
        {"no file of ours", "/layers/0/files/2/path", "Makefile", "edits-path"},
        {"a path with dots", "/layers/0/files/2/path", "a/./old.nix", "edits-path"},
        {"a path with a zero byte", "/layers/0/files/2/path", std::string("a\0.nix", 6), "edits-path"},
        {"the record itself", "/layers/0/files/2/path", "llama-fleet/edits.json", "edits-path"},
        {"a file twice", "/layers/0/files/2/path", "flake.nix", "edits-twice"},
        {"an unknown deed", "/layers/0/files/0/deed", "run", "json-value"},
        {"no hash", "/layers/0/files/0/before", "x", "edits-hash"},
        {"another text than the hash", "/layers/0/files/2/text", "{ }", "edits-hash"},
        {"a mode that is more than permissions", "/layers/0/files/2/mode", "4755", "edits-mode"},
        {"a negative offset", "/layers/0/files/0/edits/0/offset", -1, "json-range"},
        {"a huge offset", "/layers/0/files/0/edits/0/offset", std::uint64_t{1} << 40, "json-range"},
        {"a number beyond 64 bits", "/layers/0/files/0/edits/0/line", 1e300, "json-type"},
        {"an edit that does nothing", "/layers/0/files/0/edits/0/inserted", "", "edits-order"},
        {"an unknown encoding", "/layers/0/files/0/encoding", "utf-16", "edits-bytes"},
        {"a character that is no byte", "/layers/0/files/2/encoding", "latin-1", "fine"},
        {"a version to come", "/version", 2, "schema-version"},
        {"another schema", "/schema", "llama-fleet/plan", "schema-name"},
        {"no list", "/layers", Json::object(), "json-type"},
    };
    for (const Hostile& hostile : cases) {
        Json json = parse_json(record_json(small_record()), "edits.json").value();
        json[Json::json_pointer(hostile.field)] = hostile.value;
        EXPECT_EQ(id_of(json.dump()), hostile.id) << hostile.what;
    }
    Json json = parse_json(record_json(small_record()), "edits.json").value();
    json["layers"][0]["files"][0]["encoding"] = "latin-1";
    json["layers"][0]["files"][0]["edits"][0]["above"] = "\u0123";
    EXPECT_EQ(id_of(json.dump()), "edits-bytes");
    json = parse_json(record_json(small_record()), "edits.json").value();
    json["layers"][0]["files"][0]["edits"].push_back(json["layers"][0]["files"][0]["edits"][0]);
    EXPECT_EQ(id_of(json.dump()), "edits-order");
    EXPECT_EQ(id_of("{"), "json-parse");
    EXPECT_EQ(id_of(""), "json-parse");
}

/// Whatever stands in the record: an error, or changes of files that it names, each from the bytes that are there.
TEST(Record, a_damaged_one_harms_nothing) {
    const std::map<std::string, std::string> files{
        {"flake.nix", kAfter}, {"overlays/llama-cpp.nix", "1\n"}, {"llama-fleet/facts/a.json", "4\n"}};
    const std::string good = record_json(small_record());
    std::mt19937 random(1);
    int refused = 0;
    for (int n = 0; n < 3000; ++n) {
        std::string bad = good;
        for (unsigned i = 0; i <= random() % 3; ++i)
            bad[random() % bad.size()] = static_cast<char>(random() % 4 == 0 ? random() : '0' + random() % 10);
        auto with = files;
        with[std::string(kRecordFile)] = bad;
        const auto result = undo({}, MemoryFiles(with));
        refused += result ? 0 : 1;
        if (!result) continue;
        for (const FileChange& change : result->changes) {
            const auto it = with.find(change.path);
            EXPECT_EQ(change.before, it == with.end() ? std::nullopt : std::optional(it->second));
        }
        for (const FileChange& change : result->changes)
            EXPECT_TRUE(change.path != "flake.nix" || change.after == kBefore);
    }
    EXPECT_GT(refused, 1000);
}

TEST(Record, a_wrong_span_of_an_untouched_file_is_an_error) {
    Record record = small_record();
    record.layers[0].files[0].edits[0].offset = 2'000'000'000;
    const auto far = undo({}, MemoryFiles({{"flake.nix", kAfter}, {std::string(kRecordFile), record_json(record)}}));
    ASSERT_FALSE(far);
    EXPECT_EQ(far.error().id, "edits-damaged");
    record = small_record();
    record.layers[0].files[0].edits[0].removed = "c = 3;";
    const auto other = undo({}, MemoryFiles({{"flake.nix", kAfter}, {std::string(kRecordFile), record_json(record)}}));
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().id, "edits-damaged");
    EXPECT_EQ(other.error().where.file, "llama-fleet/edits.json");
}

}  // namespace
}  // namespace lf::flake
