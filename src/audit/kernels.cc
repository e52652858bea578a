// SPDX-License-Identifier: MIT
#include "audit/kernels.h"

#include <fmt/format.h>

#include <map>

#include "audit/ggml_files.h"
#include "audit/words.h"
#include "facts/feature_words.h"
#include "plan/cpu_variants.h"

namespace lf::audit {
namespace {

/// Widths of registers, the widest first. `host`: all that ggml's option asks for; `uses`: what its code cannot be
/// without.
constexpr struct {
    std::string_view what, words, host, uses;
} kWidths[] = {
    {"avx512", "AVX-512", "avx512f avx512cd avx512vl avx512dq avx512bw", "avx512f"},
    {"avx2", "AVX2", "avx2", "avx2"},
    {"avx", "AVX", "avx", "avx"},
    {"sse42", "SSE4.2", "ssse3 sse4_1 sse4_2", "ssse3"},
};

/// What a build of some width may use besides. `unless`: not worth a word where that is used. `anywhere`: nothing but
/// kernels has such code, so that a kernel without a name counts; C libraries and their like have the others too.
constexpr struct {
    std::string_view what, words, features, width, unless;
    bool anywhere;
} kExtras[] = {
    {"fma", "FMA", "fma", "avx", "", false},
    {"f16c", "F16C", "f16c", "avx", "", true},
    {"avx_vnni", "AVX-VNNI", "avx_vnni", "avx2", "avx512_vnni", true},
    {"avx512_vnni", "AVX-512 VNNI", "avx512_vnni", "avx512f", "", true},
    {"avx512_bf16", "AVX-512 BF16", "avx512_bf16", "avx512f", "", true},
    {"amx", "AMX", "amx_tile amx_int8", "avx512f", "", true},
};

// doc/measurements.md: Zen 4 and Emerald Rapids, the same library built for x86-64 alone and for the whole CPU.
constexpr std::string_view kSse2Factor =
    "on two CPUs with AVX-512 such a build was measured 14 to 20 times slower at prompts, 3 to 6 times at generation; "
    "llama-fleet plan says what to build";

void add(facts::FeatureSet& out, const IsaUse& use) {
    for (const std::string_view feature : plan::words(set_features(use.isa))) out.emplace(feature);
}

bool add_named(KernelUse& out, const Program& program) {
    for (const FunctionUse& function : program.functions) {
        if (!is_kernel_name(function.range.name)) continue;
        out.by_name = true;
        out.instructions += function.instructions;
        for (const IsaUse& use : function.uses) add(out.features, use);
    }
    return out.by_name;
}

void add_by_share(KernelUse& out, const Program& program) {
    constexpr std::uint64_t kOneIn = 500;
    std::map<std::string_view, std::uint64_t> counts;
    for (const IsaUse& use : program.uses)
        for (const std::string_view feature : plan::words(set_features(use.isa))) counts[feature] += use.count;
    for (const auto& [feature, count] : counts)
        if (count * kOneIn >= program.instructions) out.features.emplace(feature);
    out.instructions = program.instructions;
}

}  // namespace

KernelUse kernel_use(const FileAudit& file) {
    KernelUse out;
    if (!add_named(out, file.program)) add_by_share(out, file.program);
    for (const IsaUse& one : file.program.uses) add(out.anywhere, one);
    return out;
}

std::string_view width_words(const facts::FeatureSet& features) {
    for (const auto& width : kWidths)
        if (facts::has_all(features, width.uses)) return width.words;
    return "SSE2";
}

std::vector<Unused> unused_by(const KernelUse& use, const facts::FeatureSet& host, const std::string& name) {
    std::vector<Unused> out;
    for (const auto& width : kWidths) {
        if (facts::has_all(use.features, width.uses)) break;
        if (!facts::has_all(host, width.host)) continue;
        const std::string_view stop = width_words(use.features);
        out.push_back(
            {std::string(width.what),
             stop == "SSE2" && width.what != "sse42"
                 ? fmt::format("this is the SSE2 build: the kernels of {} use no AVX at all, and the host has "
                               "{}; {}",
                               name, width.words, kSse2Factor)
                 : fmt::format("the host has {}; the kernels of {} stop at {}", width.words, name, stop)});
        break;
    }
    for (const auto& extra : kExtras) {
        const facts::FeatureSet& used = extra.anywhere ? use.anywhere : use.features;
        if (!facts::has_all(use.features, extra.width) || !facts::has_all(host, extra.features)) continue;
        if (facts::has_all(used, extra.features)) continue;
        if (!extra.unless.empty() && facts::has_all(used, extra.unless)) continue;
        out.push_back({std::string(extra.what),
                       fmt::format("the host has {}; the kernels of {} do not use it", extra.words, name)});
    }
    return out;
}

}  // namespace lf::audit
