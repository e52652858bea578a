// SPDX-License-Identifier: MIT
/// \file
/// \brief Machine ↔ JSON, schema "llama-fleet/facts", version kFactsVersion.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "facts/machine.h"

namespace lf::facts {

/// 2 since the facts hold caches, kinds of cores, drivers, memory of cards and the environment; 1 is read, with null
/// for what it did not hold, and never written.
inline constexpr int kFactsVersion = 2;

/// Deterministic bytes: sorted keys, every field present, null for nullopt, a newline at the end.
/// Features stand under .cpu.features, sorted.
std::string to_json(const Machine& machine);

/// `file` is named in errors only. Errors: those of base/json.h (schema-name, schema-version, json-unknown-field …),
/// "facts-value" for a value that no machine can have (control bytes in a host name, an unknown feature name is fine).
Result<Machine> from_json(std::string_view text, const std::string& file);

/// `machine` without what changes from day to day: what stands in a repository.
Machine without_environment(Machine machine);

/// The rule for names that reach paths, Nix and shell text: [A-Za-z0-9_][A-Za-z0-9_.-]{0,62}.
bool is_host_name(std::string_view name);

}  // namespace lf::facts
