// SPDX-License-Identifier: MIT
/// \file
/// \brief The words for what an audit found: names for scripts, and short words for people.
#pragma once

#include <string>
#include <string_view>

#include "audit/audit.h"

namespace lf::audit {

/// For JSON, stable: "runs", "crashes", "wrong", "cannot_tell", "not_loaded"; "load", "score", "init", "use"…
std::string_view id_of(Outcome outcome);
std::string_view id_of(Stage stage);
std::string_view id_of(Level level);
std::string_view id_of(elf::RangeSource source);
std::string_view id_of(gpucode::Kind kind);
std::string_view id_of(gpucode::Fit fit);
std::string_view id_of(GgmlKernels kernels);

/// For people: "runs", "would crash", "wrong results", "cannot tell", "not loaded".
std::string_view words_of(Outcome outcome);
/// "when it is loaded", "when ggml asks for its score", "when ggml initialises it", "when it is used".
std::string_view words_of(Stage stage);
std::string_view words_of(Level level);

/// "0x1a2b", as objdump takes it.
std::string hex(std::uint64_t address);

/// Of a set's table row; "unknown" for kUnknownIsa and numbers that the table lacks.
std::string_view set_name(x86::IsaId isa);
/// "llama-cpp-9680" of "<32 letters>-llama-cpp-9680", where `path`, which it is the end of, is in a Nix store.
std::string without_store_hash(std::string name, std::string_view path);

/// "avx512f avx512vl"; "" for the baseline and for unknown ones.
std::string_view set_features(x86::IsaId isa);

/// The symbol's name as it stands in the file, or "function at 0x1a2b".
std::string symbol_name(const FunctionUse& function);
/// The same for people: C++ names as they are written.
std::string function_name(const FunctionUse& function);

}  // namespace lf::audit
