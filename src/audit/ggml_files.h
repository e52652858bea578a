// SPDX-License-Identifier: MIT
/// \file
/// \brief ggml's libraries: by their names, by what they hold, and which one ggml takes on a host.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/audit.h"

namespace lf::audit {

/// What a library is by its file name (versions behind ".so" do not count).
struct GgmlName {
    bool cpu = false;     ///< libggml-cpu.so or libggml-cpu-<variant>.so
    std::string variant;  ///< "zen4"; "" of libggml-cpu.so; "cuda" of libggml-cuda.so
};
/// nullopt: no backend of ggml (libggml.so and libggml-base.so are none).
std::optional<GgmlName> ggml_name(std::string_view file_name);

/// Does the file hold ggml's kernels for the CPU? By symbols, else by the file names that its assertions print.
GgmlKernels ggml_kernels_of(const elf::Image& image);

/// Is it one of ggml's kernels, by the name of the function? "ggml_vec_dot_q4_0_q8_0", "ggml_gemm_q4_0_8x8_q8_0"…
bool is_kernel_name(std::string_view symbol);

/// What ggml_backend_score of a variant gives on a CPU with these features: 0 where one that it asks for is not there.
/// nullopt: a variant that we do not know. Source: ggml 0.21.0, src/ggml-cpu/arch/x86/cpu-feats.cpp, which asks for one
/// bit an option (five for AVX512); the numbers are those of plan/cpu_variants.h.
std::optional<int> ggml_score(std::string_view variant, const facts::FeatureSet& features);

/// Does some variant's ggml_backend_score ask for one of these features? A library that is built with such an option
/// refuses a CPU without it.
bool score_asks_for(const std::vector<std::string>& features);

/// Libraries for the CPU in one folder, which ggml chooses among (ggml_backend_load_best of ggml-backend-reg.cpp).
struct GgmlSet {
    std::string folder;                 ///< below the build; "" = its own
    std::vector<std::size_t> variants;  ///< indices into BuildAudit::files, of those with a score function
    std::optional<std::size_t> plain;   ///< libggml-cpu.so
    std::vector<std::size_t> ignored;   ///< named as variants, without a score function: never taken
};
/// Those of the build that have at least one variant; a plain libggml-cpu.so alone is always loaded.
std::vector<GgmlSet> ggml_sets(const BuildAudit& build);

/// Which of a set ggml takes: the highest score above 0, else the plain one.
struct GgmlChoice {
    std::optional<std::size_t> file;             ///< nullopt = none
    std::vector<std::size_t> of_no_known_score;  ///< variants whose score we cannot tell
};
GgmlChoice choose(const GgmlSet& set, const BuildAudit& build, const facts::FeatureSet& features);

}  // namespace lf::audit
