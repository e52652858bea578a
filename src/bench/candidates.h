// SPDX-License-Identifier: MIT
/// \file
/// \brief Candidates from words, and words for candidates.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bench/arms.h"
#include "bench/installed.h"
#include "bench/llama_bench.h"
#include "bench/result.h"

namespace lf::bench {

/// ggml's own choice among the CPU variants of a build: what nixpkgs' package does, and what a careful user has today.
inline constexpr std::string_view kDispatch = "dispatch";
/// llama.cpp's own choice of everything, devices too.
inline constexpr std::string_view kDefault = "default";
/// The variant that has what the official flake builds on x86-64.
inline constexpr std::string_view kPlainVariant = "x64";

/// "default", "dispatch", "haswell", "Vulkan0", "haswell, 2 threads, ubatch 256, flash attention on"; the build in
/// front where there are several.
std::string name_of(const Candidate& candidate, bool several_builds);

Candidate candidate_of(const Arm& arm, const std::vector<InstalledBuild>& builds);

/// "variant=haswell,device=none,threads=2,ubatch=256,flash-attention=on,build=debian-sid,name=mine": any of them.
/// Errors: "bench-candidate" (usage) with did-you-mean for keys, variants and builds.
Result<Candidate> parse_candidate(std::string_view text, const std::vector<InstalledBuild>& builds);

/// What the official flake builds (the first), run-time dispatch, and the plan's variant where that is not the one that
/// dispatch takes: the smallest useful question. A build without variants is itself the one candidate. `widest` is the
/// widest variant that the facts prove; "" = not known.
std::vector<Candidate> default_candidates(const InstalledBuild& build, const std::string& plan_variant,
                                          const std::string& widest);

/// Every build as it is, the first to be compared with.
std::vector<Candidate> whole_builds(const std::vector<InstalledBuild>& builds);

/// Run-time dispatch belongs into every table: what a careful user has today. Added at the end where a build has
/// variants and none of the candidates is its dispatch on the CPU.
void add_dispatch(const InstalledBuild& build, std::vector<Candidate>& candidates);

/// Dispatch first, then every CPU variant alone, the plainest first.
std::vector<Candidate> all_variants(const InstalledBuild& build);

/// Every name once, every build and variant there. Errors: "bench-candidate".
Done check_candidates(const std::vector<Candidate>& candidates, const std::vector<InstalledBuild>& builds);

/// What llama-bench is told for it; the tests are the caller's to fill in.
LlamaBenchRun run_of(const Candidate& candidate, const std::string& model);

/// The same for llama-server: "--threads", "8"; with `name_device` also "--device", "none".
std::vector<std::string> server_arguments(const Candidate& candidate, bool name_device);

/// The plan's word for what a device needs: "Vulkan0" → "vulkan", "ROCm0" → "rocm", "none" and "" → "cpu".
std::string backend_of(std::string_view device);

}  // namespace lf::bench
