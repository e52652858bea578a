// SPDX-License-Identifier: MIT
#include "audit/words.h"

#include <fmt/format.h>

#include "base/demangle.h"

namespace lf::audit {
namespace {

/// The word of an enumerator out of a table in its order.
template <class Enum, std::size_t kCount>
std::string_view word(const std::string_view (&table)[kCount], Enum value) {
    const auto index = static_cast<std::size_t>(value);
    return index < kCount ? table[index] : "unknown";
}

constexpr std::string_view kOutcomeIds[] = {"runs", "crashes", "wrong", "cannot_tell", "not_loaded"};
constexpr std::string_view kOutcomeWords[] = {"runs", "would crash", "wrong results", "cannot tell", "not loaded"};
constexpr std::string_view kStageIds[] = {"load", "score", "init", "use"};
constexpr std::string_view kStageWords[] = {"when it is loaded", "when ggml asks for its score",
                                            "when ggml initialises it", "when it is used"};
constexpr std::string_view kLevelIds[] = {"baseline", "load",     "score",   "init",
                                          "use",      "unproved", "guarded", "not_reached"};
constexpr std::string_view kLevelWords[] = {
    "baseline",         "on the load path",         "called for the score",           "called by ggml_backend_init",
    "exported or used", "behind an unproved check", "only behind a check of the CPU", "nothing leads to it"};
constexpr std::string_view kSourceIds[] = {"eh_frame", "symbol", "sweep"};
constexpr std::string_view kKindIds[] = {"cuda_machine", "cuda_ptx", "hip_machine", "spirv"};
constexpr std::string_view kFitIds[] = {"no", "compiles_first", "runs"};
constexpr std::string_view kKernelIds[] = {"none", "by_name", "by_symbols", "by_strings"};

}  // namespace

std::string_view id_of(Outcome outcome) { return word(kOutcomeIds, outcome); }
std::string_view id_of(Stage stage) { return word(kStageIds, stage); }
std::string_view id_of(Level level) { return word(kLevelIds, level); }
std::string_view id_of(elf::RangeSource source) { return word(kSourceIds, source); }
std::string_view id_of(gpucode::Kind kind) { return word(kKindIds, kind); }
std::string_view id_of(gpucode::Fit fit) { return word(kFitIds, fit); }
std::string_view id_of(GgmlKernels kernels) { return word(kKernelIds, kernels); }

std::string_view words_of(Outcome outcome) { return word(kOutcomeWords, outcome); }
std::string_view words_of(Stage stage) { return word(kStageWords, stage); }
std::string_view words_of(Level level) { return word(kLevelWords, level); }

std::string hex(std::uint64_t address) { return fmt::format("0x{:x}", address); }

std::string_view set_name(x86::IsaId isa) {
    const x86::IsaSet* set = x86::isa_set(isa);
    return set != nullptr ? set->name : "unknown";
}

std::string without_store_hash(std::string name, std::string_view path) {
    constexpr std::size_t kHash = 32;
    const bool in_store =
        path.find("/nix/store/") != std::string_view::npos && name.size() > kHash + 1 && name[kHash] == '-';
    return in_store ? name.substr(kHash + 1) : name;
}

std::string_view set_features(x86::IsaId isa) {
    const x86::IsaSet* set = x86::isa_set(isa);
    return set != nullptr ? set->features : "";
}

std::string symbol_name(const FunctionUse& function) {
    return function.range.name.empty() ? "function at " + hex(function.range.start) : std::string(function.range.name);
}

std::string function_name(const FunctionUse& function) {
    std::string readable = demangled(function.range.name);
    return readable.empty() ? symbol_name(function) : readable;
}

}  // namespace lf::audit
