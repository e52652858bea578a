// SPDX-License-Identifier: MIT
/// \file
/// \brief One function a layer: what a plan expects beside what a package is → shown, not shown, cannot tell. Pure.
/// Used inside check/ only.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "check/built.h"
#include "check/check.h"
#include "check/cmake_options.h"
#include "check/expectation.h"
#include "check/package_facts.h"
#include "facts/machine.h"

namespace lf::check {

/// What there is beside the answers of Nix.
struct Evidence {
    std::map<std::string, CmakeOptions> sources;     ///< by PackageFacts::source
    std::map<std::string, std::string> logs;         ///< by PackageFacts::build_drv; those of builds made here
    std::map<std::string, std::string> unread_logs;  ///< why a log that is there could not be read; by build_drv
    std::map<std::string, Built> builds;             ///< by their first output; those that the store has
};

LayerReport names_layer(const Expectation& expected, const PackageFacts& facts, const Settings& settings,
                        const Evidence& evidence);

LayerReport derivation_layer(const Expectation& expected, const PackageFacts& facts, const Settings& settings);

LayerReport build_layer(const Expectation& expected, const PackageFacts& facts, const Evidence& evidence);

LayerReport targets_layer(const Expectation& expected, const Settings& settings,
                          const std::optional<facts::Machine>& machine);

LayerReport binary_layer(const Expectation& expected, const Settings& settings, const std::vector<std::string>& outputs,
                         const std::optional<facts::Machine>& machine, const Evidence& evidence);

}  // namespace lf::check
