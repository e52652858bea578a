// SPDX-License-Identifier: MIT
/// \file
/// \brief Machine ↔ JSON, schema "llama-fleet/facts", version kFactsVersion.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "facts/machine.h"

namespace lf::facts {

inline constexpr int kFactsVersion = 1;

/// Deterministic bytes: sorted keys, every field present, null for nullopt, a newline at the end.
/// Features stand under .cpu.features, sorted.
std::string to_json(const Machine& machine);

/// `file` is named in errors only. Errors: those of base/json.h (schema-name, schema-version, json-unknown-field …),
/// "facts-value" for a value that no machine can have (control bytes in a host name, an unknown feature name is fine).
Result<Machine> from_json(std::string_view text, const std::string& file);

/// The rule for names that reach paths, Nix and shell text: [A-Za-z0-9_][A-Za-z0-9_.-]{0,62}.
bool is_host_name(std::string_view name);

}  // namespace lf::facts
