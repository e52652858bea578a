// SPDX-License-Identifier: MIT
// Which code may stand behind a check of the CPU that was not followed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "audit/doubt.h"
#include "audit/program_for_test.h"

namespace lf::audit {
namespace {

constexpr std::uint64_t kCode = kBase + 120;

struct Found {
    explicit Found(std::string_view hex) : file(program_of(hex)) {
        const auto parsed = elf::parse(file, "test");
        EXPECT_TRUE(parsed);
        image = *parsed;
        Program program;
        const CodeMap map(image, program);
        Guards guards(map);
        guards.follow();
        doubts = find_doubts(map, guards);
        owner = map.part_of[map.range_at(kCode)];
    }
    /// The branch that stands before the first of these bytes.
    std::uint64_t before(std::string_view hex) const {
        const auto whole = program_of(hex);
        const std::vector<std::uint8_t> wanted(whole.begin() + 120, whole.end());
        const auto at = std::search(file.begin() + 120, file.end(), wanted.begin(), wanted.end());
        EXPECT_NE(at, file.end());
        const std::uint64_t branch = doubts.at(owner, kBase + static_cast<std::uint64_t>(at - file.begin()));
        return branch == 0 ? 0 : branch - kCode;
    }
    std::vector<std::uint8_t> file;
    elf::Image image;
    Doubts doubts;
    std::uint32_t owner = kNoRange;
};

// push rbx; mov eax,1; xor ecx,ecx; cpuid; <then>; vzeroupper; pop rbx; ret
std::string asks(std::string_view then) {
    return "53 b8 01 00 00 00 31 c9 0f a2 " + std::string(then) + " c5 f8 77 5b c3";
}
constexpr std::string_view kVector = "c5 f8 77", kEnd = "5b c3";

TEST(Doubts, AFileThatNeverAsksHasNone) {
    const Found found("8b 07 85 c0 74 03 c5 f8 77 c3");  // mov eax,[rdi]; test eax,eax; je; vzeroupper; ret
    EXPECT_FALSE(found.doubts.asks);
    EXPECT_EQ(found.before(kVector), 0U);
}

TEST(Doubts, WhatStandsBehindMemoryMayBeAnAnswer) {
    const Found found(asks("89 0f 8b 07 85 c0 74 03"));  // mov [rdi],ecx; mov eax,[rdi]; test eax,eax; je
    EXPECT_TRUE(found.doubts.asks);
    EXPECT_EQ(found.before(kVector), 0x10U);  // the je
    EXPECT_EQ(found.before(kEnd), 0U);        // both ways lead there
}

TEST(Doubts, AnArgumentOfTheSystemIsNone) {
    EXPECT_EQ(Found(asks("85 ff 74 03")).before(kVector), 0U);  // test edi,edi; je
}

TEST(Doubts, ABranchThatTheCpuDecidesIsNone) {
    EXPECT_EQ(Found(asks("0f ba e1 1c 73 03")).before(kVector), 0U);  // bt ecx,28; jnc
}

TEST(Doubts, WhatIsMadeOfMemoryIsAsDoubtful) {
    // mov eax,[rdi]; shr eax,3; and eax,1; cmp eax,1; jne
    EXPECT_NE(Found(asks("8b 07 c1 e8 03 83 e0 01 83 f8 01 75 03")).before(kVector), 0U);
    // mov eax,[rdi]; xor eax,eax; test eax,eax; jne: whatever was there
    EXPECT_EQ(Found(asks("8b 07 31 c0 85 c0 75 03")).before(kVector), 0U);
}

TEST(Doubts, AJumpByMemoryLeadsAnywhere) {
    const Found found(asks("ff e0"));  // jmp rax, which CPUID wrote
    EXPECT_TRUE(found.doubts.asks);
}

/// Blocks of one instruction each, at 0x10, 0x20 …; next and taken of each.
FlowGraph graph_of(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& ways) {
    FlowGraph out;
    for (std::uint32_t b = 0; b < ways.size(); ++b) {
        FlowInsn insn;
        insn.address = std::uint64_t{b + 1} * 0x10;
        insn.flow = ways[b].second == kNoBlock ? x86::Flow::next : x86::Flow::conditional;
        out.instructions.push_back(insn);
        FlowBlock block;
        block.start = insn.address;
        block.end = insn.address + 0x10;
        block.first = b;
        block.count = 1;
        block.next = ways[b].first;
        block.taken = ways[b].second;
        out.blocks.push_back(block);
        out.order.push_back(b);
    }
    return out;
}

std::vector<std::uint64_t> doubtful(const FlowGraph& graph, const std::vector<std::uint32_t>& branches,
                                    std::int64_t search = 1000) {
    std::vector<std::uint64_t> out;
    for (const DoubtfulSpan& span : doubtful_blocks(graph, branches, search).spans) out.push_back(span.start);
    return out;
}

using Addresses = std::vector<std::uint64_t>;

TEST(DoubtfulBlocks, OneWayOfTwoIsDoubtfulWhereTheyMeetIsNot) {
    const FlowGraph diamond = graph_of({{1, 2}, {3, kNoBlock}, {3, kNoBlock}, {kNoBlock, kNoBlock}});
    EXPECT_EQ(doubtful(diamond, {0}), (Addresses{0x20, 0x30}));
    EXPECT_EQ(doubtful(diamond, {}), Addresses{});
    std::int64_t search = 1000;
    for (const DoubtfulSpan& span : doubtful_blocks(diamond, {0}, search).spans) EXPECT_EQ(span.at, 0x10U);
}

TEST(DoubtfulBlocks, AWayOutLeavesTheRestDoubtful) {
    // The first returns early, the second goes on: a branch out of the function is a way, too.
    EXPECT_EQ(doubtful(graph_of({{2, 1}, {kNoBlock, kNoBlock}, {kNoBlock, kNoBlock}}), {0}), (Addresses{0x20, 0x30}));
}

TEST(DoubtfulBlocks, AnotherWayThereMakesItSure) {
    // 0 → 1 or 2 by something that is no check, 1 → 2 or 3 by one: 2 is come to without it, 3 is not.
    const FlowGraph graph = graph_of({{1, 2}, {2, 3}, {kNoBlock, kNoBlock}, {kNoBlock, kNoBlock}});
    EXPECT_EQ(doubtful(graph, {1}), (Addresses{0x40}));
}

TEST(DoubtfulBlocks, TheEndOfALoopIsSure) {
    // 0 → 1 → back to 1 or on to 2: whatever decides it, the loop ends.
    EXPECT_EQ(doubtful(graph_of({{1, kNoBlock}, {2, 1}, {kNoBlock, kNoBlock}}), {1}), Addresses{});
}

TEST(DoubtfulBlocks, WithoutTimeAllAreDoubtful) {
    const FlowGraph diamond = graph_of({{1, 2}, {3, kNoBlock}, {3, kNoBlock}, {kNoBlock, kNoBlock}});
    EXPECT_EQ(doubtful(diamond, {0}, 0), (Addresses{0x20, 0x30, 0x40}));
}

TEST(SpanDoubts, AreFoundByAddress) {
    SpanDoubts doubts;
    doubts.spans = {{0x20, 0x30, 0x18}, {0x40, 0x50, 0x38}};
    EXPECT_EQ(doubts.at(0x1f), 0U);
    EXPECT_EQ(doubts.at(0x20), 0x18U);
    EXPECT_EQ(doubts.at(0x2f), 0x18U);
    EXPECT_EQ(doubts.at(0x30), 0U);
    EXPECT_EQ(doubts.at(0x4f), 0x38U);
    EXPECT_EQ(doubts.at(0x50), 0U);
}

// mov eax,[rdi]; test eax,eax; je; call <behind the end>; pop rbx; ret
constexpr std::string_view kCall = "e8 02 00 00 00";
std::string asks_and_calls(std::string_view callee) {
    return "53 b8 01 00 00 00 31 c9 0f a2 89 0f 8b 07 85 c0 74 05 e8 02 00 00 00 5b c3 " + std::string(callee);
}

TEST(Doubts, ACallerOfWhatSurelyComesToMoreIsLookedInto) {
    const Found found(asks_and_calls("c5 f8 77 c3"));  // vzeroupper; ret
    EXPECT_EQ(found.before(kCall), 0x10U);
}

// All its ways to more are doubtful already: what its callers doubt changes nothing.
TEST(Doubts, ACallerOfWhatIsDoubtfulItselfIsNot) {
    const Found found(asks_and_calls("8b 07 85 c0 74 03 c5 f8 77 c3"));  // mov eax,[rdi]; test; je; vzeroupper; ret
    EXPECT_EQ(found.before(kCall), 0U);
    ASSERT_EQ(found.doubts.spans.size(), 1U);
    EXPECT_EQ(found.doubts.spans.begin()->second.spans.front().at, kCode + 0x19 + 4);
}

}  // namespace
}  // namespace lf::audit
