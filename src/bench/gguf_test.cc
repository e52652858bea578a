// SPDX-License-Identifier: MIT
#include "bench/gguf.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/files.h"
#include "bench/fake_bench.h"
#include "bench/gguf_write.h"

namespace lf::bench {
namespace {

using testing::Folder;
using ::testing::HasSubstr;
using testing::smallest_model;

std::string smallest_bytes() {
    const Folder folder;
    EXPECT_TRUE(write_model(smallest_model(), folder / "m.gguf"));
    return read_file(folder / "m.gguf").value();
}
Result<GgufInfo> parse(const std::string& bytes) { return parse_gguf(bytes, bytes.size(), "m.gguf"); }

/// A header with these tensors and room for `data` bytes behind it.
std::string header(const std::vector<GgufTensor>& tensors, std::size_t data) {
    GgufHeader keys;
    keys.text("general.architecture", "llama");
    return keys.finish(tensors) + std::string(data, '\0');
}

TEST(Gguf, whatIsWrittenIsRead) {
    const std::string bytes = smallest_bytes();
    const auto info = parse(bytes);
    ASSERT_TRUE(info) << info.error().message;
    EXPECT_EQ(info->version, 3U);
    EXPECT_EQ(info->tensors.size(), 3U + 9);
    EXPECT_EQ(info->architecture(), "llama");
    EXPECT_EQ(info->number("llama.attention.head_count_kv"), 4U);
    EXPECT_EQ(info->number("general.architecture"), std::nullopt);
    EXPECT_EQ(info->text("llama.block_count"), std::nullopt);
    EXPECT_EQ(info->array_lengths.at("tokenizer.ggml.tokens"), 512U);
    EXPECT_EQ(info->array_lengths.at("tokenizer.ggml.token_type"), 512U);
    EXPECT_EQ(std::get<bool>(info->values.at("tokenizer.ggml.add_bos_token")), true);
    EXPECT_EQ(std::get<double>(info->values.at("llama.rope.freq_base")), 10000);
    // q, k, v, o and three of the feed forward, 256² each, two norms; embedding and output, one norm.
    EXPECT_EQ(info->parameters, 7U * 65536 + 512 + 2 * 256 * 512 + 256);
    EXPECT_EQ(info->describe(), "llama 0.00072B Q4_K_M");
}

TEST(Gguf, everyTruncationIsAnErrorAndNothingWorse) {
    const std::string bytes = smallest_bytes();
    const auto info = parse(bytes).value();
    for (std::size_t length = 0; length < info.data_offset; length += length < 2000 ? 1 : 97)
        EXPECT_FALSE(parse_gguf(std::string_view(bytes).substr(0, length), length, "m.gguf")) << length;
    const auto cut = parse_gguf(bytes, bytes.size() - 1000, "m.gguf");
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().id, "gguf-truncated");
    EXPECT_EQ(cut.error().where.file, "m.gguf");
}

TEST(Gguf, brokenHeadersNeitherCrashNorHang) {
    const std::string bytes = smallest_bytes();
    const auto info = parse(bytes).value();
    std::uint64_t state = 1;
    for (int i = 0; i < 4000; ++i) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        std::string broken = bytes.substr(0, info.data_offset);
        const std::size_t at = (state >> 33) % (i % 2 == 0 ? 900 : broken.size());
        for (std::size_t k = 0; k < 8 && at + k < broken.size(); ++k)
            broken[at + k] = static_cast<char>(state >> (8 * k));
        const auto result = parse_gguf(broken, bytes.size(), "m.gguf");
        EXPECT_TRUE(result || result.error().id.starts_with("gguf-"));
    }
}

TEST(Gguf, tensorsThatCannotBeAreRefused) {
    struct Case {
        const char* why;
        std::vector<GgufTensor> tensors;
        const char* says;
    };
    const std::uint64_t huge = std::uint64_t{1} << 40;
    const std::vector<Case> cases = {
        {"rows of broken blocks", {{"a", {100, 4}, 12, 0}}, "impossible size"},
        {"no element", {{"a", {0}, 0, 0}}, "impossible size"},
        {"more than 2^62", {{"a", {huge, huge}, 0, 0}}, "impossible size"},
        {"an offset between", {{"a", {8}, 0, 16}}, "begins at 16"},
        {"one over another", {{"a", {64}, 0, 0}, {"b", {8}, 0, 32}}, "begins at 32"},
        {"the same name", {{"a", {8}, 0, 0}, {"a", {8}, 0, 32}}, "two tensors 'a'"},
        {"behind the end", {{"a", {8}, 0, 4096}}, "behind the end"},
        {"longer than the file", {{"a", {4096}, 0, 0}}, "behind the end"},
        {"escape sequences in a name", {{"\x1b[2J", {4096}, 0, 0}}, "\\x1b[2J"},
    };
    for (const Case& c : cases) {
        const auto info = parse(header(c.tensors, 1024));
        ASSERT_FALSE(info) << c.why;
        EXPECT_THAT(info.error().message, HasSubstr(c.says)) << c.why;
    }
}

TEST(Gguf, typesThatAreNotKnownAreKept) {
    const auto info = parse(header({{"a", {8}, 999, 0}, {"b", {}, 0, 32}, {"c", {256, 2}, 16, 64}}, 1024));
    ASSERT_TRUE(info) << info.error().message;
    EXPECT_EQ(info->parameters, 8U + 1 + 512);
    EXPECT_EQ(tensor_bytes(info->tensors[0]), std::nullopt);
    EXPECT_EQ(tensor_bytes(info->tensors[1]), 4U);
    EXPECT_EQ(tensor_bytes(info->tensors[2]), 2U * 66);
}

TEST(Gguf, aKeyStandsOnce) {
    GgufHeader keys;
    keys.number("a", 1);
    keys.number("a", 2);
    EXPECT_THAT(parse(keys.finish({})).error().message, HasSubstr("two values for 'a'"));
}

TEST(Gguf, largeHeadersAreReadWhole) {
    // As many tokens and merges as the largest vocabularies have, and a mixture of experts' tensors.
    GgufHeader keys;
    keys.texts("tokenizer.ggml.tokens", std::vector<std::string>(262'144, "some token"));
    keys.texts("tokenizer.ggml.merges", std::vector<std::string>(280'000, "some token"));
    std::vector<GgufTensor> tensors;
    for (std::uint64_t i = 0; i < 2000; ++i) tensors.push_back({fmt::format("blk.{}.x", i), {8}, 0, i * 32});
    const Folder folder;
    folder.write("big.gguf", keys.finish(tensors) + std::string(2000 * 32, '\0'));
    const auto info = read_gguf(folder / "big.gguf");
    ASSERT_TRUE(info) << info.error().message;
    EXPECT_GT(info->data_offset, 9'000'000U);
    EXPECT_EQ(info->tensors.size(), 2000U);
    EXPECT_EQ(info->array_lengths.at("tokenizer.ggml.tokens"), 262'144U);
}

TEST(Gguf, versionsAreHeeded) {
    std::string bytes = smallest_bytes();
    bytes[4] = 2;
    EXPECT_EQ(parse(bytes).value().version, 2U);
    bytes[4] = 1;
    EXPECT_THAT(parse(bytes).error().message, HasSubstr("version 1 was given up"));
    bytes[4] = 9;
    EXPECT_THAT(parse(bytes).error().message, HasSubstr("version 9 is not known"));
    bytes[4] = 0, bytes[7] = 3;
    EXPECT_THAT(parse(bytes).error().message, HasSubstr("big-endian"));
}

TEST(Gguf, otherFilesAreNoModels) {
    const Folder folder;
    folder.write("empty", "");
    folder.write("text", "This is no model.");
    folder.write("lfs", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n");
    folder.write("old", "tjgg\1\0\0\0");
    EXPECT_EQ(read_gguf(folder / "empty").error().id, "gguf-format");
    EXPECT_EQ(read_gguf(folder / "text").error().id, "gguf-format");
    EXPECT_EQ(read_gguf(folder / "lfs").error().hint, "run: git lfs pull");
    EXPECT_THAT(read_gguf(folder / "old").error().message, HasSubstr("before GGUF"));
    EXPECT_EQ(read_gguf(folder / "none").error().id, "file-unreadable");
    EXPECT_EQ(read_gguf(folder.path()).error().id, "file-unreadable");
    EXPECT_EQ(read_gguf("/dev/zero").error().id, "file-unreadable");
}

}  // namespace
}  // namespace lf::bench
