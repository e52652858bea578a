// SPDX-License-Identifier: MIT
#include "bench/gguf.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <csignal>
#include <cstring>

#include "base/files.h"
#include "bench/fake_bench.h"
#include "bench/gguf_writer.h"

namespace lf::bench {
namespace {

using testing::Folder;
using ::testing::HasSubstr;

ModelShape small() {
    ModelShape shape;
    shape.name = "tiny";
    shape.layers = 4;
    shape.width = 256;
    shape.feed_forward = 512;
    shape.heads = 8;
    shape.kv_heads = 2;
    shape.vocabulary = 600;
    return shape;
}
std::string bytes_of(const ModelShape& shape) {
    const Folder folder;
    EXPECT_TRUE(write_model(shape, folder / "m.gguf"));
    return read_file(folder / "m.gguf").value();
}

TEST(Gguf, whatIsWrittenIsRead) {
    const std::string bytes = bytes_of(small());
    EXPECT_EQ(bytes.size(), model_size(small()).value());
    const auto info = parse_gguf(bytes, bytes.size(), "m.gguf");
    ASSERT_TRUE(info) << info.error().message;
    EXPECT_EQ(info->tensors.size(), 3U + 4 * 9);
    EXPECT_EQ(std::get<std::string>(info->values.at("general.architecture")), "llama");
    EXPECT_EQ(std::get<std::uint64_t>(info->values.at("llama.attention.head_count_kv")), 2U);
    EXPECT_EQ(info->array_lengths.at("tokenizer.ggml.tokens"), 600U);
    EXPECT_EQ(info->array_lengths.at("tokenizer.ggml.token_type"), 600U);
    // Per layer: q and o 256², k and v 256·64, three times 256·512, two norms; embedding and output, one norm.
    EXPECT_EQ(info->parameters, 4U * (2 * 65536 + 2 * 16384 + 3 * 131072 + 512) + 2 * 256 * 600 + 256);
    EXPECT_THAT(info->describe(), HasSubstr("Q4_K_M"));
}

TEST(Gguf, sameSeedSameBytesOtherSeedOthers) {
    ModelShape other = small();
    EXPECT_EQ(bytes_of(other), bytes_of(small()));
    other.seed = 2;
    EXPECT_NE(bytes_of(other), bytes_of(small()));
}

/// Takes a Q4_K block apart as ggml does (get_scale_min_k4) and checks that its weights are sane.
TEST(Gguf, weightsAreCentredAndOfTheWantedSpread) {
    const std::string bytes = bytes_of(small());
    const auto info = parse_gguf(bytes, bytes.size(), "m.gguf").value();
    const auto half = [](const unsigned char* p) {
        const int bits = p[0] | p[1] << 8;
        const int exponent = bits >> 10 & 31;
        return exponent == 0 ? std::ldexp(bits & 1023, -24) : std::ldexp(1024 + (bits & 1023), exponent - 25);
    };
    double sum = 0, squares = 0, count = 0;
    const auto* data = reinterpret_cast<const unsigned char*>(bytes.data()) + info.data_offset;  // token_embd: Q4_K
    for (int block = 0; block < 600; ++block, data += 144) {
        const double d = half(data), dmin = half(data + 2);
        const unsigned char* q = data + 4;
        for (int j = 0; j < 8; ++j) {
            const int scale = j < 4 ? q[j] & 63 : (q[j + 4] & 15) | (q[j - 4] >> 6) << 4;
            const int least = j < 4 ? q[j + 4] & 63 : q[j + 4] >> 4 | (q[j] >> 6) << 4;
            EXPECT_EQ(scale, least);
            EXPECT_GE(scale, 32);
            for (int i = 0; i < 32; ++i) {
                const int byte = data[16 + j / 2 * 32 + i];
                const double weight = d * scale * (j % 2 == 0 ? byte & 15 : byte >> 4) - dmin * least;
                sum += weight, squares += weight * weight, ++count;
            }
        }
    }
    EXPECT_NEAR(sum / count, 0, 0.001);
    EXPECT_NEAR(std::sqrt(squares / count), 1.0 / 16, 0.003);  // 1/√256
}

TEST(Gguf, everyTruncationIsAnErrorAndNothingWorse) {
    ModelShape shape = small();
    shape.layers = 1;
    shape.vocabulary = 512;
    const std::string bytes = bytes_of(shape);
    const auto info = parse_gguf(bytes, bytes.size(), "m.gguf").value();
    for (std::size_t length = 0; length < info.data_offset; length += length < 2000 ? 1 : 97)
        EXPECT_FALSE(parse_gguf(std::string_view(bytes).substr(0, length), length, "m.gguf")) << length;
    const auto cut = parse_gguf(bytes, bytes.size() - 1000, "m.gguf");
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().id, "gguf-truncated");
    EXPECT_EQ(cut.error().where.file, "m.gguf");
}

TEST(Gguf, brokenHeadersNeitherCrashNorHang) {
    ModelShape shape = small();
    shape.vocabulary = 512;
    std::string bytes = bytes_of(shape);
    const auto info = parse_gguf(bytes, bytes.size(), "m.gguf").value();
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

TEST(Gguf, theCacheIsUsedUntilItIsWrong) {
    const Folder folder;
    const std::string path = cached_model(small(), folder.path()).value();
    const auto written = std::filesystem::last_write_time(path);
    EXPECT_EQ(cached_model(small(), folder.path()).value(), path);
    EXPECT_EQ(std::filesystem::last_write_time(path), written);
    std::filesystem::resize_file(path, 5000);
    EXPECT_EQ(cached_model(small(), folder.path()).value(), path);
    EXPECT_TRUE(read_gguf(path));
    for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
        EXPECT_EQ(entry.path().extension(), ".gguf");
}

TEST(Gguf, impossibleShapesAreRefused) {
    ModelShape shape = small();
    shape.width = 300;
    EXPECT_EQ(model_size(shape).error().id, "bench-shape");
    shape = small();
    shape.heads = 0;
    EXPECT_EQ(model_size(shape).error().id, "bench-shape");
}

TEST(Gguf, aModelLargerThanTheDiskIsRefusedBeforeAByteIsWritten) {
    ModelShape shape = small();
    shape.layers = 512;
    shape.width = 65536;
    shape.feed_forward = 262144;
    const Folder folder;
    const Done done = write_model(shape, folder / "m.gguf");
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().id, "bench-disk-full");
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Gguf, aFailedWriteLeavesNothing) {
    const Folder folder;
    EXPECT_FALSE(write_model(small(), folder / "missing/m.gguf"));
    // A limit on the size of files is the nearest thing to a disk that fills up meanwhile.
    struct rlimit before = {};
    ::getrlimit(RLIMIT_FSIZE, &before);
    struct rlimit limit = before;
    limit.rlim_cur = 100'000;
    auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const Done done = write_model(small(), folder / "m.gguf");
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    ASSERT_FALSE(done);
    EXPECT_THAT(done.error().message, HasSubstr("File too large"));
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Gguf, otherFilesAreNoModels) {
    const Folder folder;
    folder.write("empty", "");
    folder.write("text", "This is no model.");
    EXPECT_EQ(read_gguf(folder / "empty").error().id, "gguf-format");
    EXPECT_EQ(read_gguf(folder / "text").error().id, "gguf-format");
    EXPECT_EQ(read_gguf(folder / "none").error().id, "file-unreadable");
    EXPECT_EQ(read_gguf(folder.path()).error().id, "file-unreadable");
    EXPECT_EQ(read_gguf("/dev/zero").error().id, "file-unreadable");
}

}  // namespace
}  // namespace lf::bench
