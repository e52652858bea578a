// SPDX-License-Identifier: MIT
//
// Layouts of the blocks: ggml-common.h; what a weight is made of: dequantize_row_* in ggml-quants.c.
#include "bench/synthetic_blocks.h"

#include <array>
#include <bit>
#include <cassert>
#include <cmath>

namespace lf::bench {
namespace {

// Blocks in a pool: a prime, so that the rows of a tensor do not repeat with it.
constexpr std::size_t kPoolBlocks = 16381;
constexpr std::uint32_t kOnes = 0xffffffff;

void put(std::string& out, std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

/// The nearest half precision number; for absolute values below 65504, denormals included.
std::uint16_t to_half(double signed_value) {
    const std::uint16_t sign = signed_value < 0 ? 0x8000 : 0;
    const double value = std::fabs(signed_value);
    int exponent = 0;
    const double fraction = std::frexp(value, &exponent);  // value = fraction · 2^exponent, fraction in [0.5, 1)
    const long bits = exponent < -13 ? std::lround(std::ldexp(value, 24))
                                     : ((exponent + 14L) << 10) + std::lround(std::ldexp(fraction, 11)) - 1024;
    return static_cast<std::uint16_t>(sign | bits);
}

/// Spread evenly over an interval around 0 of that standard deviation.
double even(Random& random, double spread) {
    return (static_cast<double>(random.next() >> 11) * 0x1p-52 - 1.0) * std::sqrt(3.0) * spread;
}

/// Eight scales and eight minimums of 6 bits, equal in pairs, packed as ggml's get_scale_min_k4 takes them apart.
void put_k_scales(std::string& out, std::uint64_t random) {
    std::array<std::uint8_t, 12> packed{};
    for (std::size_t j = 0; j < 8; ++j) {
        const auto scale = static_cast<std::uint8_t>(32 + ((random >> (5 * j)) & 31));
        if (j < 4) {
            packed[j] |= scale;
            packed[j + 4] |= scale;
        } else {
            packed[j + 4] = static_cast<std::uint8_t>((scale & 15) | (scale & 15) << 4);
            packed[j - 4] |= static_cast<std::uint8_t>((scale >> 4) << 6);
            packed[j] |= static_cast<std::uint8_t>((scale >> 4) << 6);
        }
    }
    out.append(reinterpret_cast<const char*>(packed.data()), packed.size());
}

void put_random(std::string& out, Random& random, int words) {
    for (int i = 0; i < words; ++i) put(out, random.next(), 8);
}

// One function a type. Evenly spread levels 0 to n − 1 have the standard deviation √((n² − 1) / 12): 4.61 for 16, 9.23
// for 32, 18.5 for 64, 73.9 for 256.
void put_f32(std::string& out, Random& random, double spread) {
    for (int i = 0; i < 64; ++i) put(out, std::bit_cast<std::uint32_t>(static_cast<float>(even(random, spread))), 4);
}
void put_f16(std::string& out, Random& random, double spread) {
    for (int i = 0; i < 64; ++i) put(out, to_half(even(random, spread)), 2);
}
void put_one(std::string& out, Random& /*random*/, double /*spread*/) {
    for (int i = 0; i < 64; ++i) put(out, std::bit_cast<std::uint32_t>(1.0F), 4);
}
/// d · (q − 8), where d has either sign, as llama-quantize gives it.
void put_q4_0(std::string& out, Random& random, double spread) {
    const std::uint64_t word = random.next();
    put(out, to_half((word & 1) != 0 ? spread / 4.61 : -spread / 4.61), 2);
    put_random(out, random, 2);
}
/// d · q, q −128 to 127.
void put_q8_0(std::string& out, Random& random, double spread) {
    put(out, to_half(spread / 73.9), 2);
    put_random(out, random, 4);
}
/// d · scale · q − dmin · minimum: scale and minimum 32 to 63 (47.5 in the middle), q 0 to 15.
void put_q4_k(std::string& out, Random& random, double spread) {
    const double unit = spread / (47.5 * 4.61);
    put(out, to_half(unit), 2);
    put(out, to_half(7.5 * unit), 2);
    put_k_scales(out, random.next());
    put_random(out, random, 16);
}
/// The same with q 0 to 31.
void put_q5_k(std::string& out, Random& random, double spread) {
    const double unit = spread / (47.5 * 9.23);
    put(out, to_half(unit), 2);
    put(out, to_half(15.5 * unit), 2);
    put_k_scales(out, random.next());
    put_random(out, random, 20);
}
/// d · scale · (q − 32): 128 low halves, 64 high pairs, 16 scales of −128 to 127, d.
void put_q6_k(std::string& out, Random& random, double spread) {
    put_random(out, random, 26);
    put(out, to_half(spread / (73.9 * 18.5)), 2);
}

struct BlockWriter {
    std::uint32_t type;
    void (*put)(std::string& out, Random& random, double spread);
};
constexpr std::array kWriters = {
    BlockWriter{0, put_f32},   BlockWriter{1, put_f16},   BlockWriter{2, put_q4_0},  BlockWriter{8, put_q8_0},
    BlockWriter{12, put_q4_k}, BlockWriter{13, put_q5_k}, BlockWriter{14, put_q6_k}, BlockWriter{kOnes, put_one},
};

}  // namespace

const std::string& WeightPools::pool(const GgufTensor& tensor) {
    const bool ones = tensor.type == static_cast<std::uint32_t>(GgmlType::f32) && tensor.dimensions.size() == 1;
    const std::uint32_t key = ones ? kOnes : tensor.type;
    std::string& pool = pools_[key];
    if (!pool.empty()) return pool;
    for (const BlockWriter& writer : kWriters) {
        if (writer.type != key) continue;
        Random random{seed_ ^ (std::uint64_t{key} << 32)};
        for (std::size_t block = 0; block < kPoolBlocks; ++block) writer.put(pool, random, spread_);
    }
    assert(!pool.empty());  // a mix names a type that has no line in the table
    return pool;
}

WeightPools::Source WeightPools::source(const GgufTensor& tensor, std::size_t number) {
    const std::string& blocks = pool(tensor);
    Random random{seed_ + number};
    return {&blocks, random.next() % kPoolBlocks * (blocks.size() / kPoolBlocks)};
}

}  // namespace lf::bench
