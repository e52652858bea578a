// SPDX-License-Identifier: MIT
/// \file
/// \brief Which options of the compiler ggml's options stand for on x86-64, and which options of ggml a -march= brings.
/// The one table of both. Used inside check/ only.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/plan.h"

namespace lf::check {

struct CompilerFlags {
    std::string_view option;  ///< "GGML_AVX512"
    std::string_view flags;   ///< blank-separated: "-mavx512f -mavx512cd …"
};
/// ggml 0.21.0 src/ggml-cpu/CMakeLists.txt, the branch of GCC and clang.
std::span<const CompilerFlags> x86_compiler_flags();

/// Those of all options that are on; "-march=native" alone where GGML_NATIVE is on, as ggml then asks no other option.
std::set<std::string> compiler_flags(const plan::Flags& flags);

/// The flags of ggml that a variant of its own list has: "zen4" → GGML_SSE42, GGML_AVX, …; nullopt = no such variant.
std::optional<plan::Flags> flags_of_variant(std::string_view name);

/// Does ggml choose an instruction set by this word, so that a log may be compared by it?
bool is_machine_flag(std::string_view word);

/// The options of ggml whose code GCC emits under -march=NAME; nullopt = a name that is not in the table.
std::optional<std::vector<std::string>> options_of_march(std::string_view name);

/// The words among a compiler's `flags` that choose an instruction set: "-march=znver4", "-mavx2". Also behind
/// -Xcompiler=.
std::vector<std::string> instruction_words(std::string_view flags);

/// The last word that sets the level of optimization, if it is one that makes slow code (-O0, -Og, -O1); "" = none.
std::string slow_word(std::string_view flags);

}  // namespace lf::check
