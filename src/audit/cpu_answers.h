// SPDX-License-Identifier: MIT
/// \file
/// \brief What the CPU's answers mean: words of CPUID and XCR0, and the places where C libraries keep them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "audit/value.h"
#include "facts/x86_features.h"

namespace lf::audit {

/// One register of CPUID's answer; nullopt = a leaf or subleaf that we do not know. Bits that are no feature of code
/// (family, vendor, sizes of caches …) are "something of the CPU".
Value cpuid_word(Values& values, std::optional<std::uint32_t> leaf, std::optional<std::uint32_t> subleaf,
                 facts::CpuidRegister where);

/// The low half of XCR0: a bit counts as set where the features that need it are usable.
Value xcr0_word(Values& values);

/// Objects of other files that hold answers of the CPU, and functions of other files that return them.
enum class CpuObject : std::uint8_t {
    none,
    gcc_cpu_model,      ///< libgcc's __cpu_model
    gcc_cpu_features2,  ///< libgcc's __cpu_features2
    glibc_ro,           ///< ld.so's _rtld_global_ro, which holds struct cpu_features
    glibc_leaf,         ///< what __x86_get_cpuid_feature_leaf returns: struct cpuid_feature; numbered by leaf
    unknown_answers,    ///< depends on the CPU, and we have no table
};

/// By the name of an imported object.
CpuObject cpu_object(std::string_view symbol);

/// How struct cpu_features lies in _rtld_global_ro. It differs between versions of glibc: found by glibc_layout().
struct GlibcLayout {
    std::uint32_t offset = 0;  ///< of struct cpu_features; 0 = not known
    std::uint32_t leaves = 9;  ///< how many entries its array has
};

/// Four bytes at an offset of such an object. `layout` for glibc_ro, `leaf` for glibc_leaf.
Value object_word(Values& values, CpuObject object, std::uint32_t leaf, std::int64_t offset, const GlibcLayout& layout);

/// Functions of other files whose result depends on the CPU, and how.
enum class CpuQuery : std::uint8_t { none, glibc_features, glibc_leaf, something };
CpuQuery cpu_query(std::string_view symbol);

}  // namespace lf::audit
