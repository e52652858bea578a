// SPDX-License-Identifier: MIT
/// \file
/// \brief Rules about the build as a whole: strategy, source, BLAS, OpenMP, server.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.h"
#include "plan/rule.h"

namespace lf::plan {

/// What these rules look at.
struct BuildFacts {
    std::string package;       ///< the chosen one
    std::string architecture;  ///< cpu.architecture
    bool avx2 = false;         ///< GGML_AVX2 is planned
};

struct BuildPlan {
    std::string strategy;
    std::string source;
    bool blas = false;
    bool openmp = false;
    bool server = false;
    std::vector<Because> because;  ///< "strategy", "source", "blas", "openmp", "server"
};

BuildPlan plan_build(const BuildFacts& facts);

std::vector<RuleChapter> build_rules();

}  // namespace lf::plan
