// SPDX-License-Identifier: MIT
#include "audit/flow_graph.h"

#include <algorithm>
#include <utility>

namespace lf::audit {
namespace {

using x86::Flow;

constexpr std::size_t kTableEntries = 1024;  // of a jump table that are looked at

class Builder {
  public:
    Builder(const CodeMap& map, std::uint32_t range) : map_(map), ranges_{range} {
        for (const std::uint32_t part : map.parts[range]) ranges_.push_back(part);
    }

    FlowGraph build() {
        for (const std::uint32_t range : ranges_)
            if (!decode(range)) return {};
        find_leaders();
        cut();
        connect();
        order();
        return std::move(out_);
    }

  private:
    bool decode(std::uint32_t range);
    void find_leaders();
    void add_tables();
    void read_table(std::uint64_t at, unsigned entry_size);
    void cut();
    void connect();
    void order();
    bool ends(const FlowInsn& insn) const;
    bool within(std::uint64_t address) const {
        return std::any_of(ranges_.begin(), ranges_.end(), [&](std::uint32_t r) {
            return address >= map_.ranges[r].start && address < map_.ranges[r].end;
        });
    }
    std::uint32_t instruction_at(std::uint64_t address) const {
        const auto at = std::lower_bound(by_address_.begin(), by_address_.end(), std::pair{address, 0U});
        return at != by_address_.end() && at->first == address ? at->second : kNoBlock;
    }
    std::uint32_t block_at(std::uint64_t address) const {
        const std::uint32_t insn = instruction_at(address);
        return insn == kNoBlock ? kNoBlock : block_of_[insn];
    }

    const CodeMap& map_;
    std::vector<std::uint32_t> ranges_;
    FlowGraph out_;
    std::vector<std::pair<std::uint64_t, std::uint32_t>> by_address_;
    std::vector<bool> leader_, padding_;
    std::vector<std::uint32_t> range_of_, block_of_;
    std::vector<std::uint64_t> table_targets_;
};

bool Builder::decode(std::uint32_t range) {
    const CodeRange& r = map_.ranges[range];
    const elf::Bytes all = map_.code.from(r.start, r.end - r.start);
    for (std::size_t at = 0; at < all.size();) {
        if (out_.instructions.size() >= kFlowInstructions) return false;
        FlowInsn insn;
        insn.address = r.start + at;
        const x86::Insn plain = x86::decode(all.subspan(at), insn.address);
        insn.flow = plain.flow;
        insn.target = plain.target;
        insn.operation = x86::operation(all.subspan(at), insn.address);
        if (insn.operation.length != plain.length) insn.operation = {};  // newer than the decoder library
        insn.operation.length = plain.length == 0 ? 1 : plain.length;
        by_address_.emplace_back(insn.address, static_cast<std::uint32_t>(out_.instructions.size()));
        padding_.push_back(is_padding(all.subspan(at, insn.operation.length)));
        range_of_.push_back(range);
        at += insn.operation.length;
        out_.instructions.push_back(insn);
    }
    return true;
}

bool Builder::ends(const FlowInsn& insn) const {
    switch (insn.flow) {
        case Flow::jump:
        case Flow::indirect_jump:
        case Flow::ret:
        case Flow::stop: return true;
        case Flow::call: return map_.never_returns(map_.code_target(insn.target));
        case Flow::indirect_call: return insn.target != 0 && map_.never_returns(map_.slot_target(insn.target));
        default: return false;
    }
}

// Entries of a table are distances from its start (of four bytes), or addresses (of eight).
void Builder::read_table(std::uint64_t at, unsigned entry_size) {
    for (std::size_t i = 0; i < kTableEntries; ++i) {
        const auto here = map_.image.loaded(at + i * entry_size, entry_size);
        if (!here) return;
        std::uint64_t target = 0;
        if (entry_size == 8) {
            const Pointed filled = map_.pointers.at(at + i * entry_size);
            target = filled.kind == Pointed::Kind::address ? filled.address
                                                           : elf::read_at<std::uint64_t>(*here, 0).value_or(0);
        } else {
            target = at + static_cast<std::uint64_t>(std::int64_t{elf::read_at<std::int32_t>(*here, 0).value_or(0)});
        }
        if (!within(target) || instruction_at(target) == kNoBlock) return;
        table_targets_.push_back(target);
    }
}

void Builder::add_tables() {
    const bool indirect = std::any_of(out_.instructions.begin(), out_.instructions.end(),
                                      [](const FlowInsn& i) { return i.flow == Flow::indirect_jump && i.target == 0; });
    if (!indirect) return;
    for (const std::uint32_t range : ranges_)
        for (const Reference& r : map_.ranges[range].references) {
            if (r.kind != Reference::Kind::data || map_.range_at(r.target) != kNoRange) continue;
            read_table(r.target, 4);
            read_table(r.target, 8);
        }
    std::sort(table_targets_.begin(), table_targets_.end());
    table_targets_.erase(std::unique(table_targets_.begin(), table_targets_.end()), table_targets_.end());
}

void Builder::find_leaders() {
    const std::size_t count = out_.instructions.size();
    std::sort(by_address_.begin(), by_address_.end());
    leader_.assign(count, false);
    add_tables();
    const auto lead = [&](std::uint64_t address) {
        if (const std::uint32_t i = instruction_at(address); i != kNoBlock) leader_[i] = true;
    };
    for (const std::uint64_t target : table_targets_) lead(target);
    bool after_end = true;
    for (std::size_t i = 0; i < count; ++i) {
        const FlowInsn& insn = out_.instructions[i];
        if (i == 0 || range_of_[i] != range_of_[i - 1]) leader_[i] = true, after_end = false;
        if (after_end && !padding_[i]) leader_[i] = true, after_end = false;
        if (insn.flow == Flow::conditional && i + 1 < count) leader_[i + 1] = true;
        if (insn.flow == Flow::conditional || insn.flow == Flow::jump) lead(insn.target);
        if (ends(insn)) after_end = true;
    }
}

void Builder::cut() {
    block_of_.assign(out_.instructions.size(), kNoBlock);
    bool open = false;
    for (std::uint32_t i = 0; i < out_.instructions.size(); ++i) {
        const FlowInsn& insn = out_.instructions[i];
        if (leader_[i]) {
            out_.blocks.push_back({insn.address, insn.address, i, 0, range_of_[i]});
            open = true;
        }
        if (!open) continue;  // padding that nothing leads to
        FlowBlock& block = out_.blocks.back();
        block_of_[i] = static_cast<std::uint32_t>(out_.blocks.size() - 1);
        ++block.count;
        block.end = insn.address + insn.operation.length;
        if (ends(insn)) open = false;
    }
}

void Builder::connect() {
    for (std::size_t b = 0; b < out_.blocks.size(); ++b) {
        FlowBlock& block = out_.blocks[b];
        const FlowInsn& last = out_.instructions[block.first + block.count - 1];
        if (last.flow == Flow::conditional || last.flow == Flow::jump) block.taken = block_at(last.target);
        if (!ends(last)) block.next = block_at(block.end);
    }
    for (const FlowBlock& block : out_.blocks)
        for (const std::uint32_t to : {block.next, block.taken})
            if (to != kNoBlock) out_.blocks[to].led_to = true;
    for (const std::uint64_t target : table_targets_) {
        const std::uint32_t b = block_at(target);
        if (b == kNoBlock) continue;
        out_.table_blocks.push_back(b);
        out_.blocks[b].led_to = true;
    }
}

// Reverse postorder, without recursion; what the entry does not lead to comes last.
void Builder::order() {
    const std::size_t count = out_.blocks.size();
    std::vector<std::uint32_t> post;
    post.reserve(count);
    std::vector<std::uint8_t> seen(count, 0);
    std::vector<std::pair<std::uint32_t, std::uint8_t>> stack;
    for (std::uint32_t root = 0; root < count; ++root) {
        if (seen[root] != 0) continue;
        std::vector<std::uint32_t> found;
        seen[root] = 1;
        stack.emplace_back(root, 0);
        while (!stack.empty()) {
            auto& [at, step] = stack.back();
            const FlowBlock& block = out_.blocks[at];
            if (step == 2) {
                found.push_back(at);
                stack.pop_back();
                continue;
            }
            const std::uint32_t to = step++ == 0 ? block.taken : block.next;
            if (to == kNoBlock || seen[to] != 0) continue;
            seen[to] = 1;
            stack.emplace_back(to, 0);
        }
        post.insert(post.end(), found.rbegin(), found.rend());
    }
    out_.order.assign(count, 0);
    for (std::uint32_t i = 0; i < post.size(); ++i) out_.order[post[i]] = i;
    // An edge back encloses what stands between its ends (more than the loop at worst).
    std::vector<std::int32_t> depth(count + 1, 0);
    for (std::uint32_t b = 0; b < count; ++b)
        for (const std::uint32_t to : {out_.blocks[b].taken, out_.blocks[b].next}) {
            if (to == kNoBlock || out_.order[to] > out_.order[b]) continue;
            ++depth[out_.order[to]];
            --depth[out_.order[b] + 1];
        }
    std::int32_t open = out_.table_blocks.empty() ? 0 : 1;  // where jump tables lead is no edge: all may be a loop
    for (std::uint32_t i = 0; i < count; ++i) {
        open += depth[i];
        out_.blocks[post[i]].in_loop = open > 0;
    }
}

}  // namespace

FlowGraph flow_graph(const CodeMap& map, std::uint32_t range) { return Builder(map, range).build(); }

}  // namespace lf::audit
