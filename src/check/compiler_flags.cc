// SPDX-License-Identifier: MIT
#include "check/compiler_flags.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "plan/cpu_variants.h"

namespace lf::check {
namespace {

constexpr CompilerFlags kX86[] = {
    {"GGML_SSE42", "-msse4.2"},
    {"GGML_F16C", "-mf16c"},
    {"GGML_FMA", "-mfma"},
    {"GGML_BMI2", "-mbmi2"},
    {"GGML_AVX", "-mavx"},
    {"GGML_AVX2", "-mavx2"},
    {"GGML_AVX_VNNI", "-mavxvnni"},
    {"GGML_AVX512", "-mavx512f -mavx512cd -mavx512vl -mavx512dq -mavx512bw"},
    {"GGML_AVX512_VBMI", "-mavx512vbmi"},
    {"GGML_AVX512_VNNI", "-mavx512vnni"},
    {"GGML_AVX512_BF16", "-mavx512bf16"},
    {"GGML_AMX_TILE", "-mamx-tile"},
    {"GGML_AMX_INT8", "-mamx-int8"},
    {"GGML_AMX_BF16", "-mamx-bf16"},
};

struct March {
    std::string_view names;    ///< of -march, blank-separated
    std::string_view options;  ///< without "GGML_", blank-separated
};

// GCC 14, "x86 Options": what each -march enables, as far as ggml has an option for it.
constexpr March kMarches[] = {
    {"x86-64 k8 opteron athlon64 athlon-fx core2 btver1 barcelona amdfam10", ""},
    {"x86-64-v2 nehalem corei7 westmere silvermont goldmont goldmont-plus tremont", "SSE42"},
    {"sandybridge corei7-avx bdver1", "SSE42 AVX"},
    {"ivybridge core-avx-i btver2", "SSE42 AVX F16C"},
    {"bdver2 bdver3", "SSE42 AVX F16C FMA"},
    {"x86-64-v3 haswell core-avx2 broadwell skylake bdver4 znver1 znver2 znver3", "SSE42 AVX F16C FMA BMI2 AVX2"},
    {"alderlake raptorlake meteorlake gracemont sierraforest grandridge arrowlake arrowlake-s lunarlake",
     "SSE42 AVX F16C FMA BMI2 AVX2 AVX_VNNI"},
    {"x86-64-v4 skylake-avx512", "SSE42 AVX F16C FMA BMI2 AVX2 AVX512"},
    {"cannonlake", "SSE42 AVX F16C FMA BMI2 AVX2 AVX512 AVX512_VBMI"},
    {"cascadelake", "SSE42 AVX F16C FMA BMI2 AVX2 AVX512 AVX512_VNNI"},
    {"cooperlake", "SSE42 AVX F16C FMA BMI2 AVX2 AVX512 AVX512_VNNI AVX512_BF16"},
    {"icelake-client icelake-server tigerlake rocketlake",
     "SSE42 AVX F16C FMA BMI2 AVX2 AVX512 AVX512_VBMI AVX512_VNNI"},
    {"znver4", "SSE42 AVX F16C FMA BMI2 AVX2 AVX512 AVX512_VBMI AVX512_VNNI AVX512_BF16"},
    {"znver5", "SSE42 AVX F16C FMA BMI2 AVX2 AVX_VNNI AVX512 AVX512_VBMI AVX512_VNNI AVX512_BF16"},
    {"sapphirerapids emeraldrapids graniterapids graniterapids-d",
     "SSE42 AVX F16C FMA BMI2 AVX2 AVX_VNNI AVX512 AVX512_VBMI AVX512_VNNI AVX512_BF16 AMX_TILE AMX_INT8 AMX_BF16"},
};

// Beginnings of GCC's options that switch instructions on or off, or choose them all.
constexpr std::array kInstructions{"-march=",  "-mcpu=",  "-mtune=", "-mavx", "-msse",  "-mssse", "-mfma",
                                   "-mf16c",   "-mbmi",   "-mamx",   "-maes", "-mgfni", "-mvaes", "-mvpclmul",
                                   "-mpopcnt", "-mlzcnt", "-mxop",   "-mabm", "-msha",  "-mno-"};

std::vector<std::string_view> words_of(std::string_view flags) {
    std::vector<std::string_view> out;
    for (std::string_view word : split(flags, ' ')) {
        word = trim(word);
        for (const std::string_view behind : {"-Xcompiler=", "--compiler-options="}) {
            if (word.starts_with(behind)) word.remove_prefix(behind.size());
        }
        for (std::string_view part : split(word, ',')) {
            while (!part.empty() && (part.front() == '"' || part.front() == '\'')) part.remove_prefix(1);
            if (!part.empty()) out.push_back(part);
        }
    }
    return out;
}

}  // namespace

std::span<const CompilerFlags> x86_compiler_flags() { return kX86; }

std::optional<plan::Flags> flags_of_variant(std::string_view name) {
    for (const plan::CpuVariant& variant : plan::x86_variants()) {
        if (variant.name != name) continue;
        plan::Flags flags;
        for (const std::string_view option : plan::words(variant.options)) flags["GGML_" + std::string(option)] = true;
        return flags;
    }
    return std::nullopt;
}

bool is_machine_flag(std::string_view word) {
    if (word.starts_with("-march=") || word.starts_with("-mcpu=")) return true;
    return std::any_of(std::begin(kX86), std::end(kX86), [&](const CompilerFlags& row) {
        const auto words = plan::words(row.flags);
        return std::find(words.begin(), words.end(), word) != words.end();
    });
}

std::set<std::string> compiler_flags(const plan::Flags& flags) {
    const auto on = [&](std::string_view name) {
        const auto flag = flags.find(std::string(name));
        return flag != flags.end() && flag->second == plan::FlagValue(true);
    };
    if (on("GGML_NATIVE")) return {"-march=native"};
    std::set<std::string> out;
    for (const CompilerFlags& row : kX86) {
        if (!on(row.option)) continue;
        for (const std::string_view word : plan::words(row.flags)) out.emplace(word);
    }
    return out;
}

std::optional<std::vector<std::string>> options_of_march(std::string_view name) {
    for (const March& row : kMarches) {
        const auto names = plan::words(row.names);
        if (std::find(names.begin(), names.end(), name) == names.end()) continue;
        std::vector<std::string> out;
        for (const std::string_view option : plan::words(row.options)) out.push_back("GGML_" + std::string(option));
        return out;
    }
    return std::nullopt;
}

std::vector<std::string> instruction_words(std::string_view flags) {
    std::vector<std::string> out;
    for (const std::string_view word : words_of(flags)) {
        if (std::any_of(kInstructions.begin(), kInstructions.end(),
                        [&](auto start) { return word.starts_with(start); }))
            out.emplace_back(word);
    }
    return out;
}

std::string slow_word(std::string_view flags) {
    std::string last;
    for (const std::string_view word : words_of(flags)) {
        if (word.starts_with("-O")) last = std::string(word);
    }
    return last == "-O0" || last == "-Og" || last == "-O1" || last == "-O" ? last : "";
}

}  // namespace lf::check
