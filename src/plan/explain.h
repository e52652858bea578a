// SPDX-License-Identifier: MIT
/// \file
/// \brief A plan in words: `plan --why`, `plan --why LINE`, and one paragraph a host. Texts only, nothing is printed.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "facts/machine.h"
#include "plan/plan.h"

namespace lf::plan {

/// No line of the texts below is wider than this.
inline constexpr std::size_t kExplainColumns = 80;

/// Every line of the plan with its rule, reason, facts and losers, then the notes.
std::string explain_plan(const Plan& plan);

/// The line of this name, as explain_line finds it; nullptr if there is none.
const Because* find_line(const Plan& plan, std::string_view name);

/// One line of it. `name` is a line ("package", "GGML_AVX512") or the -D option that it becomes (GGML_OPENMP,
/// CMAKE_CUDA_ARCHITECTURES, GGML_VULKAN …), in any case. Error: "plan-line-unknown" with did-you-mean.
Result<std::string> explain_line(const Plan& plan, std::string_view name);

/// "AMD Ryzen 7 7840HS (zen4), 16 threads, 31 GiB", unwrapped.
std::string cpu_words(const facts::Machine& machine);

/// "NVIDIA GA107M [GeForce RTX 3050 Mobile], compute 8.6", unwrapped.
std::string gpu_words(const facts::Gpu& gpu);

/// The host in three sentences, unwrapped.
struct Summary {
    std::string machine;  ///< "AMD Ryzen 7 7840HS (zen4), 16 threads, 31 GiB; NVIDIA GA107M, compute 8.6"
    std::string chosen;   ///< "llama-cpp-cuda for 86-real, CPU flags like zen4, tailored"
    std::string why;      ///< the reason of the line "package"
};

Summary summarize(const facts::Machine& machine, const Plan& plan);

/// The three as one wrapped paragraph that starts with the host's name, and what is not known, a line each.
std::string summary_text(const facts::Machine& machine, const Plan& plan);

}  // namespace lf::plan
