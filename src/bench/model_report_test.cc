// SPDX-License-Identifier: MIT
#include "bench/model_report.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/json.h"
#include "base/text.h"
#include "bench/gguf_write.h"
#include "bench/synthetic.h"

namespace lf::bench {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

struct File {
    GgufInfo info;
    std::uint64_t size;
};
File synthetic(std::string_view specification) {
    const SyntheticModel model = parse_synthetic(specification).value();
    const std::uint64_t size = model_size(model).value();
    return {parse_gguf(model_header(model), size, "m.gguf").value(), size};
}
File made(const GgufHeader& keys, const std::vector<GgufTensor>& tensors) {
    const std::string bytes = keys.finish(tensors);
    return {parse_gguf(bytes, bytes.size() + (1 << 20), "m.gguf").value(), bytes.size() + (1 << 20)};
}

TEST(ModelReport, aSyntheticModelIsShownAsOne) {
    const File file = synthetic("synthetic:8B:Q4_K_M");
    EXPECT_EQ(render_model(file.info, file.size),
              "synthetic:8B:Q4_K_M: random weights, written by llama-fleet (seed 1)\n"
              "  architecture llama\n"
              "  file type    Q4_K_M\n"
              "  weights      8.03 B, 4.89 bits each\n"
              "  layers       32\n"
              "  width        4096, feed forward 14336\n"
              "  heads        32, 8 of keys and values\n"
              "  context      131072\n"
              "  vocabulary   128256\n"
              "  file         4.58 GiB, header 3.1 MiB, GGUF version 3\n"
              "\n"
              "  type      tensors    weights       bytes  share\n"
              "  Q4_K          193     6.50 B    3.40 GiB 74.4 %\n"
              "  Q6_K           33     1.53 B    1.17 GiB 25.6 %\n"
              "  F32            66     266304     1.0 MiB  0.0 %\n");
}

TEST(ModelReport, expertsAndPartsAreSaid) {
    const File moe = synthetic("synthetic:moe:Q8_0");
    EXPECT_THAT(render_model(moe.info, moe.size), HasSubstr("  experts      32, 8 used for a token\n"));
    GgufHeader keys;
    keys.text("general.name", "Some Model");
    keys.number("split.no", 1);
    keys.number("split.count", 4);
    const File part = made(keys, {{"a", {256, 2}, 23, 0}});
    EXPECT_THAT(render_model(part.info, part.size),
                AllOf(HasSubstr("Some Model\n"), HasSubstr("part 2 of 4"), HasSubstr("IQ4_XS"),
                      HasSubstr("architecture not said"), Not(HasSubstr("random weights"))));
}

TEST(ModelReport, jsonHasTheSameNumbers) {
    const File file = synthetic("synthetic:moe:Q5_K_M");
    const Json json = parse_json(model_json(file.info, file.size), "m.json").value();
    EXPECT_EQ(json["schema"], "llama-fleet/model");
    EXPECT_EQ(json["file_type"], "Q5_K_M");
    EXPECT_EQ(json["synthetic"], "synthetic:moe:Q5_K_M");
    EXPECT_EQ(json["experts"], 32);
    EXPECT_EQ(json["split"], nullptr);
    std::uint64_t bytes = 0, tensors = 0, parameters = 0;
    for (const Json& type : json["types"]) {
        bytes += type["bytes"].get<std::uint64_t>();
        tensors += type["tensors"].get<std::uint64_t>();
        parameters += type["parameters"].get<std::uint64_t>();
    }
    EXPECT_EQ(json["weight_bytes"], bytes);
    EXPECT_EQ(json["tensors"], tensors);
    EXPECT_EQ(json["parameters"], parameters);
    const std::uint64_t gaps = file.size - json["header_bytes"].get<std::uint64_t>() - bytes;
    EXPECT_LT(gaps, 32 * tensors);  // every tensor begins at a multiple of 32
}

TEST(ModelReport, whatIsNotKnownIsSaidNotGuessed) {
    GgufHeader keys;
    keys.text("general.architecture", "m\x1b[2J" + std::string(300, 'x'));
    keys.text("general.name", std::string(100'000, 'y') + "\xff");
    keys.number("general.file_type", 777);
    const File file = made(keys, {{"a", {10}, 999, 0}});
    const std::string text = render_model(file.info, file.size);
    EXPECT_THAT(text, AllOf(HasSubstr("number 777, which is not known"), HasSubstr("m\\x1b[2Jx"), HasSubstr("type 999"),
                            HasSubstr("unknown"), Not(HasSubstr("bits each"))));
    EXPECT_LT(text.size(), 2000U);
    const Json json = parse_json(model_json(file.info, file.size), "m.json").value();
    EXPECT_EQ(json["bits_per_weight"], nullptr);
    EXPECT_EQ(json["types"][0]["bytes"], nullptr);
    EXPECT_EQ(json["layers"], nullptr);
}

TEST(ModelReport, noLineIsLongerThanATerminal) {
    for (const ModelShape& shape : model_shapes()) {
        const File file = synthetic(fmt::format("synthetic:{}", shape.name));
        for (const std::string_view line : lines(render_model(file.info, file.size))) EXPECT_LE(line.size(), 80U);
    }
}

}  // namespace
}  // namespace lf::bench
