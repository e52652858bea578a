// SPDX-License-Identifier: MIT
/// \file
/// \brief Random weights, in pools of blocks that are written again and again.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "bench/gguf.h"

namespace lf::bench {

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014).
struct Random {
    std::uint64_t state;
    std::uint64_t next() {
        std::uint64_t z = (state += 0x9e3779b97f4a7c15u);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }
};

/// The bytes of whole tensors, without work for each weight: a tensor's weights are those of the pool of its type, from
/// a random block on and round again. Memory is read in the same way whatever stands in it.
class WeightPools {
  public:
    /// Weights have mean 0 and standard deviation `spread`.
    WeightPools(std::uint64_t seed, double spread) : seed_(seed), spread_(spread) {}

    /// The endless bytes of a tensor: `pool` from `start` on, round and round.
    struct Source {
        const std::string* pool;
        std::size_t start;
    };
    /// Of the tensor with that number in its file. Norms and rope factors (single precision, one dimension) are all 1.
    Source source(const GgufTensor& tensor, std::size_t number);

  private:
    const std::string& pool(const GgufTensor& tensor);
    std::uint64_t seed_;
    double spread_;
    std::map<std::uint32_t, std::string> pools_;  ///< type → blocks; kOnes → ones
};

}  // namespace lf::bench
