// SPDX-License-Identifier: MIT
// Source: the SPIR-V specification, 2.3 "Physical Layout of a SPIR-V Module", 2.4 "Logical Layout" and 2.17 "Universal
// Limits". A module has no length: it ends after its last OpFunctionEnd, where no function, line or debug instruction
// follows.
#include "gpucode/spirv.h"

#include <fmt/format.h>

#include <utility>

#include "gpucode/scan.h"

namespace lf::gpucode {

namespace {

constexpr std::uint32_t kMagic = 0x07230203;
constexpr std::uint64_t kHeaderWords = 5;
constexpr std::uint32_t kLargestBound = 0x3FFFFF;

enum Op : std::uint32_t {
    kNop = 0,
    kSource = 3,
    kLine = 8,
    kExtension = 10,
    kExtInstImport = 11,
    kExtInst = 12,
    kMemoryModel = 14,
    kEntryPoint = 15,
    kExecutionMode = 16,
    kCapability = 17,
    kTypeVoid = 19,
    kFunction = 54,
    kFunctionParameter = 55,
    kFunctionEnd = 56,
    kLabel = 248,
    kNoLine = 317,
    kExtInstWithForwardRefs = 4433,
};

/// Opcodes end below this: the last block that Khronos has given away, with room.
constexpr std::uint32_t kOpcodeEnd = 8192;

bool is_header(elf::Bytes bytes) {
    const auto version = elf::read_at<std::uint32_t>(bytes, 4).value_or(0);
    const auto bound = elf::read_at<std::uint32_t>(bytes, 12).value_or(0);
    const auto schema = elf::read_at<std::uint32_t>(bytes, 16).value_or(1);
    const std::uint32_t minor = version >> 8U & 0xffU;
    return elf::read_at<std::uint32_t>(bytes, 0) == kMagic && (version & 0xffff00ffU) == 0x10000U && minor <= 9 &&
           bound > 0 && bound <= kLargestBound && schema == 0;
}

/// How many words an instruction of a fixed form has; 0 = it varies.
std::uint32_t fixed_words(std::uint32_t op) {
    switch (op) {
        case kNop:
        case kFunctionEnd:
        case kNoLine: return 1;
        case kCapability:
        case kTypeVoid:
        case kLabel: return 2;
        case kMemoryModel:
        case kFunctionParameter: return 3;
        case kLine: return 4;
        case kFunction: return 5;
        default: return 0;
    }
}

/// Goes through the instructions of one module and knows what may come next.
class Walk {
  public:
    Walk(elf::Bytes bytes, std::uint64_t& words)
        : bytes_(bytes), budget_(words), bound_(elf::read_at<std::uint32_t>(bytes, 12).value_or(0)) {}

    std::uint64_t size() {
        std::uint64_t at = kHeaderWords, end = 0;
        while (budget_ > 0) {
            --budget_;
            const auto word = elf::read_at<std::uint32_t>(bytes_, at * 4);
            if (!word) break;
            const std::uint32_t count = *word >> 16U, op = *word & 0xffffU;
            if (end != 0 && !may_follow_a_function(op)) break;
            if (!is_sound(op, count) || (at + count) * 4 > bytes_.size() || !fits(op, at)) break;
            at += count;
            if (op == kFunctionEnd) end = at;
        }
        return end * 4;
    }

  private:
    /// A whole module stands before; what follows belongs to it only if it is one of these.
    bool may_follow_a_function(std::uint32_t op) const {
        return in_function_ || op == kFunction || op == kLine || op == kNoLine || op == kNop || op == kExtInst ||
               op == kExtInstWithForwardRefs;
    }

    static bool is_sound(std::uint32_t op, std::uint32_t count) {
        const std::uint32_t fixed = fixed_words(op);
        return count > 0 && op < kOpcodeEnd && (fixed == 0 || fixed == count);
    }

    bool is_id(std::uint64_t word) const {
        const auto id = elf::read_at<std::uint32_t>(bytes_, word * 4);
        return id && *id > 0 && *id < bound_;
    }

    /// Capabilities first, one memory model before everything but extensions, functions that begin and end in turn.
    bool fits(std::uint32_t op, std::uint64_t at) {
        if (op == kCapability) return !(past_capabilities_ || in_function_);
        if (at == kHeaderWords) return false;  // every module declares a capability, first of all
        past_capabilities_ = true;
        if (op == kMemoryModel) return !std::exchange(memory_model_, true);
        if (!memory_model_) return op == kExtension || op == kExtInstImport;
        if (op == kExtension || op == kExtInstImport) return false;
        if (op == kFunction) return is_id(at + 1) && is_id(at + 2) && !std::exchange(in_function_, true);
        if (op == kFunctionEnd) return std::exchange(in_function_, false);
        if (op == kLabel || op == kFunctionParameter) return in_function_ && is_id(at + 1);
        if (op == kEntryPoint || op == kExecutionMode || op == kSource) return !in_function_;
        return true;
    }

    elf::Bytes bytes_;
    std::uint64_t& budget_;
    std::uint32_t bound_;
    bool past_capabilities_ = false, memory_model_ = false, in_function_ = false;
};

}  // namespace

std::uint64_t spirv_module(elf::Bytes bytes, std::uint64_t& words) {
    return is_header(bytes) ? Walk(bytes, words).size() : 0;
}

bool is_spirv(elf::Bytes bytes) { return elf::read_at<std::uint32_t>(bytes, 0) == kMagic; }

void read_spirv(Span file, Collector& out) {
    std::uint64_t words = file.bytes.size();
    const std::uint64_t size = spirv_module(file.bytes, words), all = file.bytes.size();
    if (size > 0) out.add(Kind::spirv, "spir-v", size, size);
    if (size < all)
        out.damage(Maker::any, fmt::format("SPIR-V: {} of its {} bytes are a module to its last function", size, all));
}

void find_spirv(Span span, Collector& out) {
    // A sound module is read once; only look-alikes, one within the other, could be read again and again.
    std::uint64_t words = 65536 + span.bytes.size();
    std::uint64_t at = span.offset;
    while (const auto found = find_magic(span, at, kMagic)) {
        const std::uint64_t size = spirv_module(span.from(*found), words);
        if (size > 0 && out.claim(*found, size)) {
            out.add(Kind::spirv, "spir-v", size, size);
            at = *found + size;
        } else {
            at = *found + 1;
        }
        if (words == 0) {
            out.damage(Maker::any,
                       "the search for SPIR-V stopped at " + hex(at) + ": too much that looks like it and is not");
            return;
        }
    }
}

}  // namespace lf::gpucode
