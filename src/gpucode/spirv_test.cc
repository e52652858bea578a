// SPDX-License-Identifier: MIT
#include "gpucode/spirv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpucode/containers_test.h"

namespace lf::gpucode {
namespace {

using for_test::Data;
using testing::IsEmpty;

GpuCode search(const Data& data) {
    Collector out;
    find_spirv({data, 0}, out);
    return out.finish();
}

TEST(Spirv, EndsWithItsLastFunction) {
    Data data = for_test::shader();
    const std::size_t size = data.size();
    std::uint64_t words = 1000;
    EXPECT_EQ(spirv_module(data, words), size);
    for_test::put_data(data, Data(64));
    EXPECT_EQ(spirv_module(data, words), size);
    data.resize(size);
    for_test::put_data(data, for_test::noise(64));
    EXPECT_EQ(spirv_module(data, words), size);
}

TEST(Spirv, FoundWhereverItStands) {
    for (const std::size_t gap : {0U, 1U, 2U, 3U, 4U, 16U}) {
        Data data = for_test::noise(100);
        for (int i = 0; i < 3; ++i) {
            for_test::put_data(data, for_test::shader());
            data.resize(data.size() + gap);
        }
        const GpuCode code = search(data);
        const std::string size = std::to_string(3 * for_test::shader().size());
        EXPECT_EQ(for_test::summary(code), "spir-v 3x " + size + "/" + size + "\n") << gap;
        EXPECT_THAT(code.notes, IsEmpty());
    }
}

TEST(Spirv, TheMagicNumberAloneIsNothing) {
    Data data = for_test::noise(1U << 20U);
    for (std::size_t at = 0; at + 64 < data.size(); at += 64) for_test::set<std::uint32_t>(data, at, 0x07230203);
    EXPECT_EQ(for_test::names(search(data)), "");
    for (std::size_t at = 0; at + 64 < data.size(); at += 64) {  // nor with a sound header
        for_test::set<std::uint32_t>(data, at + 4, 0x00010300);
        for_test::set<std::uint32_t>(data, at + 12, 900);
        for_test::set<std::uint32_t>(data, at + 16, 0);
    }
    EXPECT_EQ(for_test::names(search(data)), "");
    std::fill(data.begin(), data.end(), std::uint8_t{0});
    EXPECT_EQ(for_test::names(search(data)), "");
}

TEST(Spirv, AnyByteOfItsFrameThatIsWrongMakesItNothing) {
    const Data whole = for_test::shader();
    std::uint64_t words = 1U << 20U;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const Data part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_EQ(spirv_module(part, words), 0U) << size;
    }
    for (std::size_t word = 0; word * 4 < whole.size(); ++word) {
        Data copy = whole;
        for_test::set<std::uint32_t>(copy, word * 4, 0);
        const bool operand = spirv_module(copy, words) == whole.size();
        // A zero may stand in an operand; as an opcode, in the header or where an id must be it may not.
        const std::vector<std::size_t> may = {2, 4, 6, 8, 9, 11, 12, 13, 14, 16, 17, 18, 19, 20, 22, 24, 25, 29, 30};
        EXPECT_EQ(operand, std::find(may.begin(), may.end(), word) != may.end()) << word;
    }
}

TEST(Spirv, LookAlikesDoNotRunAway) {
    // Every sixteen words a module begins that shares the rest with all others and never ends.
    Data data;
    while (data.size() < (1U << 22U)) {
        const std::uint32_t words[] = {
            14U << 16U | 400, 0x07230203, 0x00010300, 0, 900, 0, 2U << 16U | 17, 1, 3U << 16U | 14, 0, 1,
            3U << 16U | 400,  0,          0};
        for (const std::uint32_t word : words) for_test::put(data, word);
    }
    const GpuCode code = search(data);
    EXPECT_EQ(for_test::names(code), "");
    EXPECT_THAT(code.notes, testing::ElementsAre(testing::HasSubstr("the search for SPIR-V stopped")));
}

}  // namespace
}  // namespace lf::gpucode
