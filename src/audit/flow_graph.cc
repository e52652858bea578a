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
        if (!decode()) return {};
        find_leaders();
        cut();
        connect();
        order();
        find_live();
        return std::move(out_);
    }

  private:
    bool decode();
    bool decode(std::uint32_t range);
    void resolve(FlowInsn& insn);
    void find_leaders();
    void add_tables();
    void read_table(std::uint64_t at, unsigned entry_size);
    void cut();
    void connect();
    void order();
    void find_live();
    bool ends(const FlowInsn& insn) const;
    /// Of the function's bytes; kNoByte = not within.
    std::uint64_t byte_at(std::uint64_t address) const {
        for (const Piece& p : pieces_)
            if (address >= p.start && address < p.end) return p.first + (address - p.start);
        return kNoByte;
    }
    bool within(std::uint64_t address) const { return byte_at(address) != kNoByte; }
    std::uint32_t instruction_at(std::uint64_t address) const {
        const std::uint64_t byte = byte_at(address);
        return byte == kNoByte ? kNoBlock : index_[byte];
    }
    std::uint32_t block_at(std::uint64_t address) const {
        const std::uint32_t insn = instruction_at(address);
        return insn == kNoBlock ? kNoBlock : block_of_[insn];
    }

    const CodeMap& map_;
    std::vector<std::uint32_t> ranges_;
    FlowGraph out_;
    static constexpr std::uint64_t kNoByte = ~std::uint64_t{0};
    struct Piece {
        std::uint64_t start = 0, end = 0, first = 0;
    };
    std::vector<Piece> pieces_;
    std::vector<std::uint32_t> index_;  // byte of the function → the instruction that begins there
    std::vector<bool> leader_, padding_;
    std::vector<std::uint32_t> range_of_, block_of_;
    std::vector<std::uint64_t> table_targets_;
};

bool Builder::decode() {
    constexpr std::uint64_t kLongest = 15, kUsual = 4;  // bytes of an instruction
    std::uint64_t bytes = 0;
    for (const std::uint32_t range : ranges_) bytes += map_.ranges[range].end - map_.ranges[range].start;
    if (bytes > kFlowInstructions * kLongest) return false;
    index_.assign(bytes, kNoBlock);
    out_.instructions.reserve(std::min<std::uint64_t>(bytes / kUsual + 1, kFlowInstructions));
    std::uint64_t done = 0;
    for (const std::uint32_t range : ranges_) {
        const CodeRange& r = map_.ranges[range];
        pieces_.push_back({r.start, r.end, done});
        if (!decode(range)) return false;
        done += r.end - r.start;
    }
    return true;
}

/// Of what the decoder library knows and we know the meaning of, only these leave the straight way.
bool may_lead_away(const x86::Operation& operation) {
    switch (operation.op) {
        case x86::Op::call:
        case x86::Op::jump:
        case x86::Op::conditional:
        case x86::Op::ret:
        case x86::Op::other: return true;
        default: return operation.length == 0;
    }
}

bool Builder::decode(std::uint32_t range) {
    const CodeRange& r = map_.ranges[range];
    const elf::Bytes all = map_.code.from(r.start, r.end - r.start);
    for (std::size_t at = 0; at < all.size();) {
        if (out_.instructions.size() >= kFlowInstructions) return false;
        const auto number = static_cast<std::uint32_t>(out_.instructions.size());
        FlowInsn& insn = out_.instructions.emplace_back();
        insn.address = r.start + at;
        insn.operation = x86::operation(all.subspan(at), insn.address);
        if (may_lead_away(insn.operation)) {
            const x86::Insn plain = x86::decode(all.subspan(at), insn.address);
            insn.flow = plain.flow;
            insn.target = plain.target;
            if (insn.operation.length != plain.length) insn.operation = {};  // newer than the decoder library
            insn.operation.length = plain.length == 0 ? 1 : plain.length;
            resolve(insn);
        }
        index_[pieces_.back().first + at] = number;
        padding_.push_back(is_padding(all.subspan(at, insn.operation.length)));
        range_of_.push_back(range);
        at += insn.operation.length;
    }
    return true;
}

/// Looked up once, however often the function is followed.
void Builder::resolve(FlowInsn& insn) {
    const bool jumps = insn.flow == Flow::jump || insn.flow == Flow::conditional;
    const bool slot = insn.flow == Flow::indirect_call || insn.flow == Flow::indirect_jump;
    if (insn.target == 0 || (!slot && insn.flow != Flow::call && !(jumps && !within(insn.target)))) return;
    insn.leads_to = static_cast<std::uint32_t>(out_.targets.size());
    out_.targets.push_back(slot ? map_.slot_target(insn.target) : map_.code_target(insn.target));
}

bool Builder::ends(const FlowInsn& insn) const {
    switch (insn.flow) {
        case Flow::jump:
        case Flow::indirect_jump:
        case Flow::ret:
        case Flow::stop: return true;
        case Flow::call:
        case Flow::indirect_call: return insn.leads_to != kNoTarget && map_.never_returns(out_.targets[insn.leads_to]);
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
        block.calls = block.calls || insn.flow == Flow::call || insn.flow == Flow::indirect_call;
        if (ends(insn)) open = false;
    }
}

void Builder::connect() {
    for (std::size_t b = 0; b < out_.blocks.size(); ++b) {
        FlowBlock& block = out_.blocks[b];
        const FlowInsn& last = out_.last_of(block);
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

constexpr std::uint16_t kAll = 0xffff;

/// What an instruction needs of the registers, where `after` is needed behind it.
std::uint16_t live_before(const FlowInsn& insn, std::uint16_t after) {
    const x86::Operation& o = insn.operation;
    if (insn.flow != Flow::next && insn.flow != Flow::conditional && insn.flow != Flow::jump) return kAll;
    auto out = static_cast<std::uint16_t>((after & ~o.writes) | o.reads);
    // What writes a part of a register, or writes it only perhaps, needs the rest.
    const x86::Operand& to = o.operands[0];
    const bool keeps = o.op == x86::Op::cmov || (o.op != x86::Op::other && to.size < 4);
    if (o.count > 0 && to.kind == x86::Operand::Kind::general && keeps)
        out |= static_cast<std::uint16_t>(1U << (to.number & 15U));
    if (o.op == x86::Op::xchg) out |= o.writes;
    return out;
}

enum class FlagUse : std::uint8_t { none, reads, overwrites };

FlagUse flag_use(const FlowInsn& insn) {
    switch (insn.operation.op) {
        case x86::Op::conditional:
        case x86::Op::set:
        case x86::Op::cmov:
        case x86::Op::adc:
        case x86::Op::sbb: return FlagUse::reads;
        case x86::Op::and_:
        case x86::Op::or_:
        case x86::Op::xor_:
        case x86::Op::test:
        case x86::Op::add:
        case x86::Op::sub:
        case x86::Op::neg:
        case x86::Op::cmp: return FlagUse::overwrites;
        default: return insn.flow == Flow::next ? FlagUse::none : FlagUse::reads;
    }
}

// Backwards until nothing changes. Calls and all that leads out of the function may read every register.
void Builder::find_live() {
    const std::vector<std::uint32_t> by_order = out_.by_order();
    for (FlowBlock& block : out_.blocks) {
        block.live = 0;
        for (std::uint32_t i = 0; i < block.count; ++i) {
            const FlagUse use = flag_use(out_.instructions[block.first + i]);
            if (use == FlagUse::none) continue;
            block.flags_live = use == FlagUse::reads;
            break;
        }
    }
    for (bool news = true; news;) {
        news = false;
        for (auto at = by_order.rbegin(); at != by_order.rend(); ++at) {
            FlowBlock& block = out_.blocks[*at];
            const FlowInsn& last = out_.last_of(block);
            std::uint16_t live = 0;
            const bool branches = last.flow == Flow::conditional || last.flow == Flow::jump;
            if (branches) live |= block.taken == kNoBlock ? kAll : out_.blocks[block.taken].live;
            if (last.flow != Flow::jump) live |= block.next == kNoBlock ? kAll : out_.blocks[block.next].live;
            for (std::uint32_t i = block.count; i-- > 0;) live = live_before(out_.instructions[block.first + i], live);
            news = news || live != block.live;
            block.live = live;
        }
    }
}

}  // namespace

std::vector<std::uint32_t> FlowGraph::by_order() const {
    std::vector<std::uint32_t> out(blocks.size());
    for (std::uint32_t b = 0; b < blocks.size(); ++b) out[order[b]] = b;
    return out;
}

FlowGraph flow_graph(const CodeMap& map, std::uint32_t range) { return Builder(map, range).build(); }

}  // namespace lf::audit
