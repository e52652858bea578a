// SPDX-License-Identifier: MIT
#include "bench/synthetic.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <cmath>
#include <csignal>
#include <fstream>
#include <thread>

#include "base/files.h"
#include "base/text.h"
#include "bench/fake_bench.h"

namespace lf::bench {
namespace {

using testing::Folder;
using ::testing::HasSubstr;

SyntheticModel small(std::string_view specification = "synthetic:0.3B:Q4_K_M") {
    SyntheticModel model = parse_synthetic(specification).value();
    model.shape.layers = 4;
    model.shape.experts = std::min(model.shape.experts, 4U);
    model.shape.experts_used = std::min(model.shape.experts_used, 2U);
    model.shape.width = 256;
    model.shape.feed_forward = 512;
    model.shape.heads = 8;
    model.shape.kv_heads = 2;
    model.shape.vocabulary = 600;
    return model;
}
std::string bytes_of(const SyntheticModel& model) {
    const Folder folder;
    EXPECT_TRUE(write_model(model, folder / "m.gguf"));
    return read_file(folder / "m.gguf").value();
}

TEST(Synthetic, namesAreTakenInAnyCase) {
    struct Case {
        const char* given;
        const char* is;
    };
    constexpr std::array kCases = {
        Case{"synthetic:0.3B", "synthetic:0.3B:Q4_K_M"},  Case{"synthetic:8b:q8_0", "synthetic:8B:Q8_0"},
        Case{"SYNTHETIC:MoE:f16", "synthetic:moe:F16"},   Case{"synthetic:1B:Q4_K", "synthetic:1B:Q4_K_M"},
        Case{"synthetic:3B:q5_k", "synthetic:3B:Q5_K_M"}, Case{"synthetic:3B:Q5_K_S", "synthetic:3B:Q5_K_S"},
    };
    for (const Case& c : kCases) {
        const auto model = parse_synthetic(c.given);
        ASSERT_TRUE(model) << c.given;
        EXPECT_EQ(specification(*model), c.is);
    }
    EXPECT_EQ(specification(parse_synthetic(kDefaultModel).value()), kDefaultModel);
}

TEST(Synthetic, wrongNamesAreUsageErrorsThatHelp) {
    struct Case {
        const char* given;
        const char* says;
        const char* hint;
    };
    constexpr std::array kCases = {
        Case{"synthetic", "names no synthetic model", "synthetic:1B:Q8_0"},
        Case{"synthetic:1B:Q8_0:x", "names no synthetic model", "Llama 3.1 8B"},
        Case{"synthetic:0.4B", "did you mean '0.3B'?", "shapes: 0.3B, 1B, 3B, 8B, moe"},
        Case{"synthetic:mo", "did you mean 'moe'?", "moe"},
        Case{"synthetic:70B", "the shape '70B'", "shapes: 0.3B"},
        Case{"synthetic:1B:Q4_K_L", "did you mean 'Q4_K_", "quants: Q4_0, Q4_K_S, Q4_K_M"},
        Case{"synthetic:1B:", "the quant ''", "F16"},
        Case{"synthetic:\x1b[2J", "\\x1b", "0.3B"},
    };
    for (const Case& c : kCases) {
        const auto model = parse_synthetic(c.given);
        ASSERT_FALSE(model) << c.given;
        EXPECT_EQ(model.error().id, "bench-model");
        EXPECT_EQ(model.error().kind, ErrorKind::usage);
        EXPECT_THAT(model.error().message, HasSubstr(c.says)) << c.given;
        EXPECT_THAT(model.error().hint, HasSubstr(c.hint)) << c.given;
    }
    for (const std::string_view line : lines(list_synthetic())) EXPECT_LE(line.size(), 80U) << line;
}

TEST(Synthetic, filesMayHaveTheName) {
    EXPECT_TRUE(is_synthetic("synthetic"));
    EXPECT_TRUE(is_synthetic("Synthetic:1B"));
    EXPECT_FALSE(is_synthetic("synthetic.gguf"));
    EXPECT_FALSE(is_synthetic("./synthetic:1B"));
    EXPECT_FALSE(is_synthetic(""));
}

/// Parameters as the models' makers count them (model cards): Llama 1.23, 3.21 and 8.03 billion, Granite 1.33.
TEST(Synthetic, shapesHaveTheWeightsOfTheirModels) {
    struct Case {
        const char* name;
        double billions;
        double gigabytes;  ///< of the Q4_K_M
    };
    constexpr std::array kCases = {Case{"0.3B", 0.314, 0.19}, Case{"1B", 1.236, 0.80}, Case{"3B", 3.213, 2.02},
                                   Case{"8B", 8.030, 4.92}, Case{"moe", 1.334, 0.82}};
    ASSERT_EQ(model_shapes().size(), kCases.size());
    for (const Case& c : kCases) {
        const auto model = parse_synthetic(fmt::format("synthetic:{}", c.name)).value();
        double weights = 0;
        for (const GgufTensor& tensor : model_tensors(model.shape, model.quant))
            weights += static_cast<double>(tensor_elements(tensor).value());
        EXPECT_NEAR(weights / 1e9, c.billions, 0.001) << c.name;
        EXPECT_NEAR(static_cast<double>(model_size(model).value()) / 1e9, c.gigabytes, 0.01) << c.name;
    }
}

TEST(Synthetic, everyShapeAndQuantIsOneThatTheReaderTakes) {
    for (const ModelShape& shape : model_shapes()) {
        for (const Quant& quant : model_quants()) {
            const SyntheticModel model{.shape = shape, .quant = quant};
            const auto info = parse_gguf(model_header(model), model_size(model).value(), "m.gguf");
            ASSERT_TRUE(info) << specification(model) << info.error().message;
            EXPECT_EQ(info->number("general.file_type"), quant.file_type);
            EXPECT_EQ(file_type_name(quant.file_type), quant.name);
            EXPECT_EQ(info->text("llama-fleet.synthetic"), specification(model));
        }
    }
}

TEST(Synthetic, everyQuantAndSeedHasItsOwnBytes) {
    for (const Quant& quant : model_quants()) {
        for (const char* shape : {"0.3B", "moe"}) {
            SyntheticModel model = small(fmt::format("synthetic:{}:{}", shape, quant.name));
            const std::string bytes = bytes_of(model);
            EXPECT_EQ(bytes.size(), model_size(model).value());
            EXPECT_EQ(bytes, bytes_of(model)) << quant.name;
            const auto info = parse_gguf(bytes, bytes.size(), "m.gguf").value();
            model.seed = 2;
            const std::string other = bytes_of(model);
            EXPECT_NE(bytes.substr(info.data_offset), other.substr(info.data_offset)) << quant.name;
        }
    }
}

double half(const unsigned char* p) {
    const int bits = p[0] | p[1] << 8;
    const int exponent = bits >> 10 & 31;
    const double sign = (bits & 0x8000) != 0 ? -1 : 1;
    return sign * (exponent == 0 ? std::ldexp(bits & 1023, -24) : std::ldexp(1024 + (bits & 1023), exponent - 25));
}

/// The weights of one block, as ggml takes it apart (dequantize_row_* in ggml-quants.c).
std::vector<double> weights(const unsigned char* b, std::string_view type) {
    std::vector<double> out;
    if (type == "F16") return {half(b)};
    if (type == "Q4_0")
        for (int i = 0; i < 16; ++i)
            out.insert(out.end(), {half(b) * ((b[2 + i] & 15) - 8), half(b) * ((b[2 + i] >> 4) - 8)});
    if (type == "Q8_0")
        for (int i = 0; i < 32; ++i) out.push_back(half(b) * static_cast<signed char>(b[2 + i]));
    if (type == "Q6_K")
        for (int i = 0; i < 256; ++i) {  // two halves of 128: 64 low bytes, 32 high bytes, 8 scales each
            const int half_index = i / 128, l = i % 32, quarter = i % 128 / 32;
            const unsigned char *low = b + half_index * 64, *high = b + 128 + half_index * 32;
            const int nibble = quarter < 2 ? low[l + quarter % 2 * 32] & 15 : low[l + quarter % 2 * 32] >> 4;
            const int q = (nibble | (high[l] >> (2 * quarter) & 3) << 4) - 32;
            out.push_back(half(b + 208) * static_cast<signed char>(b[192 + half_index * 8 + l / 16 + 2 * quarter]) * q);
        }
    if (type != "Q4_K" && type != "Q5_K") return out;
    const unsigned char* s = b + 4;
    const unsigned char* low = b + (type == "Q4_K" ? 16 : 48);
    for (int j = 0; j < 8; ++j) {
        const int scale = j < 4 ? s[j] & 63 : (s[j + 4] & 15) | (s[j - 4] >> 6) << 4;
        const int least = j < 4 ? s[j + 4] & 63 : s[j + 4] >> 4 | (s[j] >> 6) << 4;
        for (int i = 0; i < 32; ++i) {
            const int byte = low[j / 2 * 32 + i];
            const int fifth = type == "Q5_K" ? (b[16 + i] >> j & 1) << 4 : 0;
            out.push_back(half(b) * scale * ((j % 2 == 0 ? byte & 15 : byte >> 4) | fifth) - half(b + 2) * least);
        }
    }
    return out;
}

TEST(Synthetic, weightsAreCentredAndOfTheWantedSpread) {
    for (const char* quant : {"F16", "Q4_0", "Q8_0", "Q6_K", "Q4_K_S", "Q5_K_S"}) {
        const SyntheticModel model = small(fmt::format("synthetic:0.3B:{}", quant));
        const std::string bytes = bytes_of(model);
        const auto info = parse_gguf(bytes, bytes.size(), "m.gguf").value();
        const GgmlTypeInfo& type = type_info(model.quant.type);
        for (const GgufTensor& tensor : info.tensors) {
            if (tensor.type != type.number || tensor.name != "token_embd.weight") continue;
            const auto* data = reinterpret_cast<const unsigned char*>(bytes.data()) + info.data_offset + tensor.offset;
            double sum = 0, squares = 0, count = 0;
            for (std::uint64_t block = 0; block < 256U * 600 / type.block; ++block, data += type.block_bytes)
                for (const double weight : weights(data, type.name)) sum += weight, squares += weight * weight, ++count;
            EXPECT_EQ(count, 256 * 600) << type.name;
            EXPECT_NEAR(sum / count, 0, 0.001) << type.name;
            EXPECT_NEAR(std::sqrt(squares / count), 1.0 / 16, 0.004) << type.name;  // 1/√256
        }
    }
}

TEST(Synthetic, theCacheIsUsedUntilItIsWrong) {
    const Folder folder;
    const std::string path = cached_model(small(), folder.path()).value();
    const std::string bytes = read_file(path).value();
    const auto written = std::filesystem::last_write_time(path);
    EXPECT_EQ(cached_model(small(), folder.path()).value(), path);
    EXPECT_EQ(std::filesystem::last_write_time(path), written);
    const auto info = parse_gguf(bytes, bytes.size(), "m.gguf").value();
    // Cut off, another header, weights that never reached the disk.
    for (const std::size_t at : {std::size_t{5000}, std::size_t{300}, info.data_offset + info.tensors[7].offset}) {
        if (at == 5000) std::filesystem::resize_file(path, at);
        std::fstream(path, std::ios::in | std::ios::out | std::ios::binary)
            .seekp(static_cast<long>(at))
            .write("\0\0\0\0", 4);
        EXPECT_EQ(cached_model(small(), folder.path()).value(), path);
        EXPECT_TRUE(read_file(path).value() == bytes) << at;
    }
    for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
        EXPECT_EQ(entry.path().extension(), ".gguf");
}

TEST(Synthetic, twoWritersOfOneFileDoNotMeet) {
    const Folder folder;
    std::vector<std::thread> threads;
    std::vector<std::string> paths(4);
    for (std::string& path : paths) threads.emplace_back([&] { path = cached_model(small(), folder.path()).value(); });
    for (std::thread& thread : threads) thread.join();
    const std::string bytes = bytes_of(small());
    for (const std::string& path : paths) EXPECT_TRUE(read_file(path).value() == bytes);
    EXPECT_FALSE(std::filesystem::exists(paths[0] + ".partial"));
}

TEST(Synthetic, whatAKilledWriterLeftIsTakenOver) {
    const Folder folder;
    folder.write("m.gguf.partial", std::string(50'000'000, 'x'));
    EXPECT_TRUE(write_model(small(), folder / "m.gguf"));
    EXPECT_TRUE(read_file(folder / "m.gguf").value() == bytes_of(small()));
    EXPECT_FALSE(std::filesystem::exists(folder / "m.gguf.partial"));
}

TEST(Synthetic, impossibleShapesAreRefused) {
    SyntheticModel model = small();
    model.shape.width = 300;
    EXPECT_EQ(model_size(model).error().id, "bench-shape");
    model = small();
    model.shape.heads = 0;
    EXPECT_EQ(model_size(model).error().id, "bench-shape");
    model = small("synthetic:moe");
    model.shape.experts_used = 33;
    EXPECT_EQ(model_size(model).error().id, "bench-shape");
}

TEST(Synthetic, aModelLargerThanTheDiskIsRefusedBeforeAByteIsWritten) {
    SyntheticModel model = small();
    model.shape.layers = 512;
    model.shape.width = 65536;
    model.shape.feed_forward = 262144;
    const Folder folder;
    const Done done = write_model(model, folder / "m.gguf");
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().id, "bench-disk-full");
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Synthetic, aFailedWriteLeavesNothing) {
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

TEST(Synthetic, aFolderThatCannotBeWrittenIsAnError) {
    const auto path = cached_model(small(), "/proc/llama-fleet");
    ASSERT_FALSE(path);
    EXPECT_EQ(path.error().kind, ErrorKind::world);
}

TEST(Synthetic, itIsDescribedAsRandom) {
    EXPECT_EQ(describe(parse_synthetic("synthetic:0.3B").value()),
              "synthetic llama 0.3B Q4_K_M (22 layers, width 1024), random weights");
    EXPECT_EQ(describe(parse_synthetic("synthetic:moe:Q8_0").value()),
              "synthetic granitemoe moe Q8_0 (24 layers, width 1024, 8 of 32 experts), random weights");
}

}  // namespace
}  // namespace lf::bench
