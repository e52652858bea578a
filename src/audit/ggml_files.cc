// SPDX-License-Identifier: MIT
#include "audit/ggml_files.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "facts/feature_words.h"
#include "plan/cpu_variants.h"

namespace lf::audit {
namespace {

// What cpu-feats.cpp asks the CPU for each option that a variant was built with. AMX_TILE and others have no check.
constexpr struct {
    std::string_view option, features;
} kScoreAsks[] = {
    {"FMA", "fma"},
    {"F16C", "f16c"},
    {"SSE42", "sse4_2"},
    {"BMI2", "bmi2"},
    {"AVX", "avx"},
    {"AVX2", "avx2"},
    {"AVX_VNNI", "avx_vnni"},
    {"AVX512", "avx512f avx512cd avx512vl avx512dq avx512bw"},
    {"AVX512_VBMI", "avx512vbmi"},
    {"AVX512_BF16", "avx512_bf16"},
    {"AVX512_VNNI", "avx512_vnni"},
    {"AMX_INT8", "amx_int8"},
};

bool has_option(const facts::FeatureSet& features, std::string_view option) {
    for (const auto& ask : kScoreAsks)
        if (ask.option == option) return facts::has_all(features, ask.features);
    return true;
}

// How kernels are named in ggml/src/ggml-cpu (quants.c, repack.cpp, ops.cpp, vec.cpp, llamafile/sgemm.cpp,
// amx/mmq.cpp). "contains": names of C++ functions are mangled.
constexpr std::string_view kKernelPrefixes[] = {"ggml_vec_dot_",         "ggml_gemm_", "ggml_gemv_",
                                                "ggml_compute_forward_", "ggml_vec_",  "ggml_cpu_fp32_to_",
                                                "ggml_quantize_mat_"};
constexpr std::string_view kKernelParts[] = {"ggml_quantize_mat_t",   "tinyBLAS",
                                             "llamafile_sgemm",       "tiled_run_microtile",
                                             "ggml_compute_forward_", "ggml_backend_amx_mul_mat"};

// GGML_ASSERT and GGML_ABORT print __FILE__; these files are only in a build for the CPU. The last two are of the time
// before the kernels had a folder of their own.
// Folder and file apart: this program holds these texts too, and is no build of ggml.
constexpr struct {
    std::string_view folder, file;
} kKernelTexts[] = {
    {"/ggml-cpu/", "ops.cpp"}, {"/ggml-cpu/", "ggml-cpu.c"}, {"/ggml-cpu/", "repack.cpp"}, {"/src/", "ggml-cpu.c"}};

bool contains(elf::Bytes bytes, std::string_view text) {
    return !bytes.empty() && ::memmem(bytes.data(), bytes.size(), text.data(), text.size()) != nullptr;
}

bool texts_tell(const elf::Image& image) {
    constexpr std::string_view kReadOnly = ".rodata";
    for (const elf::Section& section : image.sections) {
        if (!section.name.starts_with(kReadOnly)) continue;
        for (const auto& text : kKernelTexts)
            if (contains(section.bytes, std::string(text.folder).append(text.file))) return true;
    }
    return false;
}

bool any_kernel(const std::vector<elf::Symbol>& symbols) {
    return std::any_of(symbols.begin(), symbols.end(), [](const elf::Symbol& symbol) {
        return symbol.defined() && symbol.name.starts_with("ggml_vec_dot_");
    });
}

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "" : path.substr(0, slash);
}

}  // namespace

std::optional<GgmlName> ggml_name(std::string_view file_name) {
    constexpr std::string_view kStart = "libggml-";
    const std::size_t end = file_name.find(".so");
    if (!file_name.starts_with(kStart) || end == std::string_view::npos || end < kStart.size()) return std::nullopt;
    const std::string_view rest = file_name.substr(end + 3);
    if (!rest.empty() && rest.front() != '.') return std::nullopt;
    const std::string_view name = file_name.substr(kStart.size(), end - kStart.size());
    if (name.empty() || name == "base") return std::nullopt;
    if (name == "cpu") return GgmlName{true, ""};
    if (name.starts_with("cpu-")) return GgmlName{true, std::string(name.substr(4))};
    return GgmlName{false, std::string(name)};
}

GgmlKernels ggml_kernels_of(const elf::Image& image) {
    if (any_kernel(image.dynamic_symbols) || any_kernel(image.symbols)) return GgmlKernels::by_symbols;
    return texts_tell(image) ? GgmlKernels::by_strings : GgmlKernels::none;
}

bool is_kernel_name(std::string_view symbol) {
    const auto starts = [&](std::string_view prefix) { return symbol.starts_with(prefix); };
    const auto holds = [&](std::string_view part) { return symbol.find(part) != std::string_view::npos; };
    return std::any_of(std::begin(kKernelPrefixes), std::end(kKernelPrefixes), starts) ||
           std::any_of(std::begin(kKernelParts), std::end(kKernelParts), holds);
}

std::optional<int> ggml_score(std::string_view variant, const facts::FeatureSet& features) {
    for (const plan::CpuVariant& known : plan::x86_variants()) {
        if (known.name != variant) continue;
        const auto options = plan::words(known.options);
        const bool all = std::all_of(options.begin(), options.end(),
                                     [&](std::string_view option) { return has_option(features, option); });
        return all ? known.score : 0;
    }
    return std::nullopt;
}

bool score_asks_for(const std::vector<std::string>& features) {
    const auto asked = [](const std::string& feature) {
        return std::any_of(std::begin(kScoreAsks), std::end(kScoreAsks), [&](const auto& ask) {
            const auto names = plan::words(ask.features);
            return std::find(names.begin(), names.end(), feature) != names.end();
        });
    };
    return std::any_of(features.begin(), features.end(), asked);
}

std::vector<GgmlSet> ggml_sets(const BuildAudit& build) {
    std::map<std::string, GgmlSet> sets;
    for (std::size_t i = 0; i < build.files.size(); ++i) {
        const FileAudit& file = build.files[i];
        if (!file.ggml_cpu || !file.ggml_variant) continue;
        GgmlSet& set = sets[folder_of(file.path)];
        set.folder = folder_of(file.path);
        if (file.ggml_variant->empty()) set.plain = i;
        // A library that nobody could look into may well have one: what then follows is "cannot tell".
        else if (file.ggml_score || !file.examined) set.variants.push_back(i);
        else set.ignored.push_back(i);
    }
    std::vector<GgmlSet> out;
    out.reserve(sets.size());
    for (auto& [folder, set] : sets)
        if (!set.variants.empty() || !set.ignored.empty()) out.push_back(std::move(set));
    return out;
}

GgmlChoice choose(const GgmlSet& set, const BuildAudit& build, const facts::FeatureSet& features) {
    GgmlChoice out;
    int best = 0;
    for (const std::size_t index : set.variants) {
        const FileAudit& file = build.files[index];
        const auto score = file.examined ? ggml_score(*file.ggml_variant, features) : std::nullopt;
        if (!score) out.of_no_known_score.push_back(index);
        else if (*score > best) {
            best = *score;
            out.file = index;
        }
    }
    if (!out.file) out.file = set.plain;
    return out;
}

}  // namespace lf::audit
