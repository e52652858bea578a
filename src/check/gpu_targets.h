// SPDX-License-Identifier: MIT
/// \file
/// \brief Does the machine code that a GPU build contains run on a card? NVIDIA's and AMD's rules, pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lf::check {

enum class Coverage : std::uint8_t {
    exact,         ///< machine code for this very target
    compatible,    ///< machine code for an older one that it runs: `by`
    just_in_time,  ///< intermediate code only, which the driver compiles at the first start: `by`
    perhaps,       ///< depends on something that the list does not say: `by` and `why`
    none,
};

struct Covered {
    Coverage coverage = Coverage::none;
    std::string by;   ///< the entry of the list: "86-real"
    std::string why;  ///< for perhaps: "which architectures `all` is depends on the toolkit"
};

/// `architectures` as CMAKE_CUDA_ARCHITECTURES has them ("75-virtual;86-real;120a-real"), `capability` 86 for 8.6.
/// Machine code of X.Y runs on X.Z for Z >= Y (desktop and server chips; on Jetson's only on the very same),
/// intermediate code of X.Y on everything from X.Y on; with the suffix `a` only on X.Y itself, with `f` within the
/// family X. Plain 12X means 12Xa, as ggml makes of it.
Covered cuda_coverage(std::string_view architectures, int capability);

/// `targets` as CMAKE_HIP_ARCHITECTURES has them ("gfx1100;gfx11-generic;gfx90a:xnack-"), `target` "gfx1100". Exact, or
/// a generic target of its family; xnack and sramecc must be as the machine runs, which nobody has read.
Covered hip_coverage(std::string_view targets, std::string_view target);

/// The better of the two.
const Covered& better(const Covered& a, const Covered& b);

}  // namespace lf::check
