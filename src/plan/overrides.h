// SPDX-License-Identifier: MIT
/// \file
/// \brief The owner's wishes for one host, put together and carried out.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "plan/planner.h"

namespace lf::plan {

/// The wishes of "*" with the host's own over them, and where each was said.
struct Wishes {
    Override wish;
    std::map<std::string, std::string> said_at;  ///< "variant" or a flag's name → "hosts.carbon.variant"
};

Wishes wishes_for(const Overrides& overrides, const std::string& host);

/// What the wishes mean for strategy, package and GGML_NATIVE, which depend on each other.
struct Shape {
    std::optional<std::string> strategy;
    std::optional<std::string> package;
    std::optional<bool> native;
    std::string strategy_said_at;  ///< of the wish that decided it
    std::string package_said_at;
    std::string native_said_at;
};

/// Errors ("plan-override"): unknown words (with did-you-mean), wishes that contradict each other, flags that no
/// owner may set (check_flag).
Result<Shape> shape_of(const Wishes& wishes);

}  // namespace lf::plan
