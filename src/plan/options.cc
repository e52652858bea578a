// SPDX-License-Identifier: MIT
#include "plan/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace lf::plan {
namespace {

using enum OptionKind;
using enum OptionState;

constexpr std::string_view kArchitecturesAdvice =
    "the plan writes the exact list; CMAKE_HIP_ARCHITECTURES is what ggml reads first";
constexpr std::string_view kVariantAdvice = "write \"variant\" instead";
constexpr std::string_view kUniversalAdvice = "write \"strategy\": \"universal\" instead";

// Names and defaults: ggml 0.21.0, CMakeLists.txt and src/*/CMakeLists.txt; llama.cpp's CMakeLists.txt of mid 2026.
// Defaults are those under Nix, where SOURCE_DATE_EPOCH turns GGML_NATIVE and all instruction sets off.
// Retired names: llama.cpp's own transition helpers (LLAMA_CUBLAS stops the configure run, LLAMA_CUDA and its like are
// mapped with a warning, all others are ignored without a word), the commits that removed the option, and names that
// were never one but stand in people's configurations.
// The last two columns are the first ggml version that has the option and the first that has it no more, by the tags
// v0.9.1 to v0.21.0 of ggml's history; "0.22.0" stands for what llama.cpp had after 0.21.0. "" = from before, still.
// llama.cpp's own names (LLAMA_*) are not in that history and carry none.
constexpr Option kOptions[] = {
    {"GGML_ACCELERATE", boolean, "ON", current, ""},
    {"GGML_ALL_WARNINGS", boolean, "ON", current, ""},
    {"GGML_ALL_WARNINGS_3RD_PARTY", boolean, "OFF", current, ""},
    {"GGML_AMX", boolean, "", retired, "three options: GGML_AMX_TILE, GGML_AMX_INT8, GGML_AMX_BF16"},
    {"GGML_AMX_BF16", boolean, "OFF", current, ""},
    {"GGML_AMX_INT8", boolean, "OFF", current, ""},
    {"GGML_AMX_TILE", boolean, "OFF", current, ""},
    {"GGML_AVX", boolean, "OFF", current, ""},
    {"GGML_AVX2", boolean, "OFF", current, ""},
    {"GGML_AVX512", boolean, "OFF", current, ""},
    {"GGML_AVX512F", boolean, "", retired, "GGML_AVX512"},
    {"GGML_AVX512_BF16", boolean, "OFF", current, ""},
    {"GGML_AVX512_VBMI", boolean, "OFF", current, ""},
    {"GGML_AVX512_VNNI", boolean, "OFF", current, ""},
    {"GGML_AVXVNNI", boolean, "", retired, "GGML_AVX_VNNI"},
    {"GGML_AVX_VNNI", boolean, "OFF", current, ""},
    {"GGML_BACKEND_DIR", text, "", current, ""},
    {"GGML_BACKEND_DL", boolean, "OFF", planned, "write \"variant\": \"multi\" or \"strategy\": \"universal\" instead"},
    {"GGML_BIN_INSTALL_DIR", text, "bin", current, ""},
    {"GGML_BLAS", boolean, "OFF", planned, "write \"blas\" instead"},
    {"GGML_BLAS_VENDOR", text, "Generic", current, ""},
    {"GGML_BMI2", boolean, "OFF", current, ""},
    {"GGML_BUILD_EXAMPLES", boolean, "OFF", current, ""},
    {"GGML_BUILD_TESTS", boolean, "OFF", current, ""},
    {"GGML_CANN", boolean, "OFF", current, ""},
    {"GGML_CCACHE", boolean, "ON", current, ""},
    {"GGML_CLBLAST", boolean, "", retired, "removed; GGML_OPENCL or GGML_VULKAN do its work"},
    {"GGML_CPU", boolean, "ON", current, ""},
    {"GGML_CPU_ALL_VARIANTS", boolean, "OFF", planned, kUniversalAdvice},
    {"GGML_CPU_ARM_ARCH", text, "", current, ""},
    {"GGML_CPU_HBM", boolean, "OFF", current, ""},
    {"GGML_CPU_KLEIDIAI", boolean, "OFF", current, ""},
    {"GGML_CPU_POWERPC_CPUTYPE", text, "", current, ""},
    {"GGML_CPU_REPACK", boolean, "ON", current, ""},
    {"GGML_CPU_RISCV64_SPACEMIT", boolean, "OFF", current, ""},
    {"GGML_CUBLAS", boolean, "", retired, "GGML_CUDA, which the variant \"cuda\" sets"},
    {"GGML_CUDA", boolean, "OFF", planned, kVariantAdvice},
    {"GGML_CUDA_COMPRESSION_MODE", text, "size", current, ""},
    {"GGML_CUDA_DEBUG", boolean, "OFF", current, ""},
    {"GGML_CUDA_DMMV_X", text, "", retired, "removed with the DMMV kernels"},
    {"GGML_CUDA_ENABLE_UNIFIED_MEMORY", boolean, "", retired, "an environment variable of the running program"},
    {"GGML_CUDA_F16", boolean, "", retired, "removed with the DMMV kernels"},
    {"GGML_CUDA_FA", boolean, "ON", current, ""},
    {"GGML_CUDA_FA_ALL_QUANTS", boolean, "OFF", current, ""},
    {"GGML_CUDA_FA_QUANTS", text, "", current, "", "0.22.0"},
    {"GGML_CUDA_FORCE_CUBLAS", boolean, "OFF", current, ""},
    {"GGML_CUDA_FORCE_DMMV", boolean, "", retired, "removed with the DMMV kernels"},
    {"GGML_CUDA_FORCE_MMQ", boolean, "OFF", current, ""},
    {"GGML_CUDA_GRAPHS", boolean, "ON", current, ""},
    {"GGML_CUDA_KQUANTS_ITER", text, "", retired, "removed with the DMMV kernels"},
    {"GGML_CUDA_MMV_Y", text, "", retired, "removed with the DMMV kernels"},
    {"GGML_CUDA_NCCL", boolean, "ON", current, "", "0.10.0"},
    {"GGML_CUDA_NO_PEER_COPY", boolean, "OFF", current, ""},
    {"GGML_CUDA_NO_VMM", boolean, "OFF", current, ""},
    {"GGML_CUDA_PEER_MAX_BATCH_SIZE", text, "128", current, ""},
    {"GGML_ET", boolean, "OFF", current, "", "0.17.0"},
    {"GGML_ET_SYSEMU", boolean, "OFF", current, "", "0.17.0"},
    {"GGML_F16C", boolean, "OFF", current, ""},
    {"GGML_FATAL_WARNINGS", boolean, "OFF", current, ""},
    {"GGML_FMA", boolean, "OFF", current, ""},
    {"GGML_GPROF", boolean, "OFF", current, ""},
    {"GGML_HEXAGON", boolean, "OFF", current, "", "0.9.5"},
    {"GGML_HEXAGON_FA_EXP2_HF", boolean, "", retired, "removed", "0.10.2", "0.16.0"},
    {"GGML_HEXAGON_FP32_QUANTIZE_GROUP_SIZE", text, "", retired, "removed", "0.9.5", "0.15.3"},
    {"GGML_HEXAGON_HTP_CERT", text, "", current, "", "0.9.6"},
    {"GGML_HEXAGON_HTP_DEBUG", boolean, "OFF", current, "", "0.9.5"},
    {"GGML_HIP", boolean, "OFF", planned, kVariantAdvice},
    {"GGML_HIPBLAS", boolean, "", retired, "GGML_HIP, which the variant \"rocm\" sets"},
    {"GGML_HIP_EXPORT_METRICS", boolean, "OFF", current, ""},
    {"GGML_HIP_FORCE_ROCWMMA_FATTN_GFX12", boolean, "", retired, "removed, ggml has kernels of its own now", "",
     "0.9.5"},
    {"GGML_HIP_GRAPHS", boolean, "ON", current, ""},
    {"GGML_HIP_MMQ_MFMA", boolean, "ON", current, ""},
    {"GGML_HIP_NO_VMM", boolean, "ON", current, ""},
    {"GGML_HIP_RCCL", boolean, "OFF", current, "", "0.10.0"},
    {"GGML_HIP_ROCWMMA_FATTN", boolean, "", retired, "removed in July 2026, ggml has kernels of its own now", "",
     "0.18.0"},
    {"GGML_HIP_UMA", boolean, "", retired, "removed; GGML_CUDA_ENABLE_UNIFIED_MEMORY=1 when running does its work"},
    {"GGML_INCLUDE_INSTALL_DIR", text, "include", current, ""},
    {"GGML_LASX", boolean, "ON", current, ""},
    {"GGML_LIB_INSTALL_DIR", text, "lib", current, ""},
    {"GGML_LLAMAFILE", boolean, "ON", current, ""},
    {"GGML_LSX", boolean, "ON", current, ""},
    {"GGML_LTO", boolean, "OFF", current, ""},
    {"GGML_METAL", boolean, "OFF", current, ""},
    {"GGML_METAL_EMBED_LIBRARY", boolean, "OFF", current, ""},
    {"GGML_METAL_MACOSX_VERSION_MIN", text, "", current, ""},
    {"GGML_METAL_NDEBUG", boolean, "OFF", current, ""},
    {"GGML_METAL_SHADER_DEBUG", boolean, "OFF", current, ""},
    {"GGML_METAL_STD", text, "", current, ""},
    {"GGML_METAL_USE_BF16", boolean, "", retired, "always used where the device has it", "", "0.9.4"},
    {"GGML_MUSA", boolean, "OFF", current, ""},
    {"GGML_MUSA_GRAPHS", boolean, "OFF", current, ""},
    {"GGML_MUSA_MUDNN_COPY", boolean, "OFF", current, ""},
    {"GGML_NATIVE", boolean, "OFF", planned, "write \"native\" instead"},
    {"GGML_OPENCL", boolean, "OFF", current, ""},
    {"GGML_OPENCL_EMBED_KERNELS", boolean, "ON", current, ""},
    {"GGML_OPENCL_PROFILING", boolean, "OFF", current, ""},
    {"GGML_OPENCL_TARGET_VERSION", text, "300", current, ""},
    {"GGML_OPENCL_USE_ADRENO_BIN_KERNELS", boolean, "OFF", current, "", "0.16.0"},
    {"GGML_OPENCL_USE_ADRENO_KERNELS", boolean, "ON", current, ""},
    {"GGML_OPENMP", boolean, "ON", planned, "write \"openmp\" instead"},
    {"GGML_OPENMP_FETCH", boolean, "OFF", current, "", "0.21.0"},
    {"GGML_OPENVINO", boolean, "OFF", current, "", "0.9.8"},
    {"GGML_RPC", boolean, "OFF", current, ""},
    {"GGML_RPC_RDMA", boolean, "OFF", current, "", "0.10.0"},
    {"GGML_RVV", boolean, "ON", current, ""},
    {"GGML_RV_ZBA", boolean, "OFF", current, ""},
    {"GGML_RV_ZFH", boolean, "ON", current, ""},
    {"GGML_RV_ZICBOP", boolean, "ON", current, ""},
    {"GGML_RV_ZIHINTPAUSE", boolean, "ON", current, "", "0.9.5"},
    {"GGML_RV_ZVFBFWMA", boolean, "OFF", current, "", "0.9.10"},
    {"GGML_RV_ZVFH", boolean, "ON", current, ""},
    {"GGML_SANITIZE_ADDRESS", boolean, "OFF", current, ""},
    {"GGML_SANITIZE_THREAD", boolean, "OFF", current, ""},
    {"GGML_SANITIZE_UNDEFINED", boolean, "OFF", current, ""},
    {"GGML_SCHED_MAX_COPIES", text, "4", current, ""},
    {"GGML_SCHED_NO_REALLOC", boolean, "OFF", current, "", "0.9.5"},
    {"GGML_SSE42", boolean, "OFF", current, ""},
    {"GGML_STATIC", boolean, "OFF", current, ""},
    {"GGML_SYCL", boolean, "OFF", current, ""},
    {"GGML_SYCL_DEVICE_ARCH", text, "", current, ""},
    {"GGML_SYCL_DNN", boolean, "ON", current, ""},
    {"GGML_SYCL_F16", boolean, "OFF", current, ""},
    {"GGML_SYCL_GRAPH", boolean, "ON", current, ""},
    {"GGML_SYCL_HOST_MEM_FALLBACK", boolean, "ON", current, "", "0.10.0"},
    {"GGML_SYCL_MAX_PARALLEL_LINK_JOBS", text, "", current, "", "0.18.0"},
    {"GGML_SYCL_SUPPORT_LEVEL_ZERO", boolean, "", retired, "GGML_SYCL_SUPPORT_LEVEL_ZERO_API", "0.12.0", "0.15.2"},
    {"GGML_SYCL_SUPPORT_LEVEL_ZERO_API", boolean, "ON", current, "", "0.15.2"},
    {"GGML_SYCL_TARGET", text, "INTEL", current, ""},
    {"GGML_VIRTGPU", boolean, "OFF", current, "", "0.9.6"},
    {"GGML_VIRTGPU_BACKEND", boolean, "OFF", current, "", "0.9.6"},
    {"GGML_VULKAN", boolean, "OFF", planned, kVariantAdvice},
    {"GGML_VULKAN_CHECK_RESULTS", boolean, "OFF", current, ""},
    {"GGML_VULKAN_DEBUG", boolean, "OFF", current, ""},
    {"GGML_VULKAN_MEMORY_DEBUG", boolean, "OFF", current, ""},
    {"GGML_VULKAN_RUN_TESTS", boolean, "OFF", current, ""},
    {"GGML_VULKAN_SHADERS_GEN_TOOLCHAIN", text, "", current, ""},
    {"GGML_VULKAN_SHADER_DEBUG_INFO", boolean, "OFF", current, ""},
    {"GGML_VULKAN_VALIDATE", boolean, "OFF", current, ""},
    {"GGML_VXE", boolean, "OFF", current, ""},
    {"GGML_WASM_SINGLE_FILE", boolean, "ON", current, ""},
    {"GGML_WEBGPU", boolean, "OFF", current, ""},
    {"GGML_WEBGPU_CPU_PROFILE", boolean, "OFF", current, "", "0.9.5"},
    {"GGML_WEBGPU_DEBUG", boolean, "OFF", current, ""},
    {"GGML_WEBGPU_GPU_PROFILE", boolean, "OFF", current, "", "0.9.5"},
    {"GGML_WEBGPU_JSPI", boolean, "ON", current, "", "0.9.5"},
    {"GGML_WIN_VER", text, "", retired, "removed, of no use outside Windows", "", "0.9.5"},
    {"GGML_XTHEADVECTOR", boolean, "OFF", current, ""},
    {"GGML_ZDNN", boolean, "OFF", current, ""},
    {"GGML_ZENDNN", boolean, "OFF", current, "", "0.9.5"},
    {"LLAMA_ALL_WARNINGS", boolean, "ON", current, ""},
    {"LLAMA_ALL_WARNINGS_3RD_PARTY", boolean, "OFF", current, ""},
    {"LLAMA_AVX", boolean, "", retired, "GGML_AVX"},
    {"LLAMA_AVX2", boolean, "", retired, "GGML_AVX2"},
    {"LLAMA_AVX512", boolean, "", retired, "GGML_AVX512"},
    {"LLAMA_AVX512_BF16", boolean, "", retired, "GGML_AVX512_BF16"},
    {"LLAMA_AVX512_VBMI", boolean, "", retired, "GGML_AVX512_VBMI"},
    {"LLAMA_AVX512_VNNI", boolean, "", retired, "GGML_AVX512_VNNI"},
    {"LLAMA_BIN_INSTALL_DIR", text, "bin", current, ""},
    {"LLAMA_BLAS", boolean, "", retired, "GGML_BLAS, which \"blas\" sets"},
    {"LLAMA_BUILD_APP", boolean, "ON", current, ""},
    {"LLAMA_BUILD_BORINGSSL", boolean, "OFF", current, ""},
    {"LLAMA_BUILD_COMMIT", text, "", current, ""},
    {"LLAMA_BUILD_COMMON", boolean, "ON", current, ""},
    {"LLAMA_BUILD_EXAMPLES", boolean, "ON", current, ""},
    {"LLAMA_BUILD_LIBRESSL", boolean, "OFF", current, ""},
    {"LLAMA_BUILD_NUMBER", text, "", current, ""},
    {"LLAMA_BUILD_SERVER", boolean, "ON", current, ""},
    {"LLAMA_BUILD_TESTS", boolean, "ON", current, ""},
    {"LLAMA_BUILD_TOOLS", boolean, "ON", current, ""},
    {"LLAMA_BUILD_UI", boolean, "ON", current, ""},
    {"LLAMA_BUILD_WEBUI", boolean, "", retired, "LLAMA_BUILD_UI"},
    {"LLAMA_CANN", boolean, "", retired, "GGML_CANN"},
    {"LLAMA_CLBLAST", boolean, "", retired, "removed; GGML_OPENCL or GGML_VULKAN do its work"},
    {"LLAMA_CUBLAS", boolean, "", retired, "GGML_CUDA, which the variant \"cuda\" sets"},
    {"LLAMA_CUDA", boolean, "", retired, "GGML_CUDA, which the variant \"cuda\" sets"},
    {"LLAMA_CUDA_F16", boolean, "", retired, "removed with the DMMV kernels"},
    {"LLAMA_CUDA_MMV_Y", text, "", retired, "removed with the DMMV kernels"},
    {"LLAMA_CURL", boolean, "", retired, "libcurl was removed in January 2026; LLAMA_OPENSSL gives HTTPS"},
    {"LLAMA_F16C", boolean, "", retired, "GGML_F16C"},
    {"LLAMA_FATAL_WARNINGS", boolean, "OFF", current, ""},
    {"LLAMA_FMA", boolean, "", retired, "GGML_FMA"},
    {"LLAMA_HIPBLAS", boolean, "", retired, "GGML_HIP, which the variant \"rocm\" sets"},
    {"LLAMA_INCLUDE_INSTALL_DIR", text, "include", current, ""},
    {"LLAMA_K_QUANTS", boolean, "", retired, "always there now"},
    {"LLAMA_LIB_INSTALL_DIR", text, "lib", current, ""},
    {"LLAMA_LLGUIDANCE", boolean, "OFF", current, ""},
    {"LLAMA_METAL", boolean, "", retired, "GGML_METAL"},
    {"LLAMA_METAL_EMBED_LIBRARY", boolean, "", retired, "GGML_METAL_EMBED_LIBRARY"},
    {"LLAMA_NATIVE", boolean, "", retired, "GGML_NATIVE, which \"native\" sets"},
    {"LLAMA_OPENMP", boolean, "", retired, "GGML_OPENMP, which \"openmp\" sets"},
    {"LLAMA_OPENSSL", boolean, "ON", current, ""},
    {"LLAMA_RPC", boolean, "", retired, "GGML_RPC"},
    {"LLAMA_SANITIZE_ADDRESS", boolean, "OFF", current, ""},
    {"LLAMA_SANITIZE_THREAD", boolean, "OFF", current, ""},
    {"LLAMA_SANITIZE_UNDEFINED", boolean, "OFF", current, ""},
    {"LLAMA_STATIC", boolean, "", retired, "GGML_STATIC"},
    {"LLAMA_SUBPROCESS", boolean, "ON", current, ""},
    {"LLAMA_SYCL", boolean, "", retired, "GGML_SYCL"},
    {"LLAMA_SYCL_F16", boolean, "", retired, "GGML_SYCL_F16"},
    {"LLAMA_TOOLS_INSTALL", boolean, "ON", current, ""},
    {"LLAMA_USE_PREBUILT_UI", boolean, "ON", current, ""},
    {"LLAMA_USE_SYSTEM_GGML", boolean, "OFF", current, ""},
    {"LLAMA_VULKAN", boolean, "", retired, "GGML_VULKAN, which the variant \"vulkan\" sets"},
    {"LLAMA_WASM_SINGLE_FILE", boolean, "ON", current, ""},
};

// Not of our prefixes, but people write them.
constexpr Option kForeign[] = {
    {"AMDGPU_TARGETS", text, "", retired, kArchitecturesAdvice},
    {"GPU_TARGETS", text, "", retired, kArchitecturesAdvice},
};

}  // namespace

bool is_build_variable(std::string_view name) {
    // What CMake files of ggml and llama.cpp read or set without declaring an option.
    constexpr std::array<std::string_view, 10> kVariables{
        "GGML_BUILD_COMMIT",  "GGML_BUILD_NUMBER", "GGML_CCACHE_FOUND", "GGML_CCACHE_VARIANT", "GGML_INSTALL_VERSION",
        "GGML_NO_ACCELERATE", "GGML_OPENMP_ROOT",  "GGML_SHARED_LIB",   "GGML_VERSION",        "LLAMA_INSTALL_VERSION"};
    return std::ranges::find(kVariables, name) != kVariables.end();
}

std::span<const Option> options() { return kOptions; }

const Option* find_option(std::string_view name) {
    const auto* const found = std::ranges::lower_bound(kOptions, name, {}, &Option::name);
    if (found != std::end(kOptions) && found->name == name) return found;
    const auto* const foreign = std::ranges::find(kForeign, name, &Option::name);
    return foreign != std::end(kForeign) ? foreign : nullptr;
}

namespace {

using Version = std::array<unsigned long long, 3>;

/// "0.21.0"; a missing last part counts as 0. nullopt for what is no version of ggml: "9608", "0.21.0-dirty".
std::optional<Version> version_of(std::string_view text) {
    const auto parts = split(text, '.');
    if (parts.size() < 2 || parts.size() > 3) return std::nullopt;
    Version version{};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto number = parse_unsigned(parts[i]);
        if (!number || parts[i].front() < '0' || parts[i].front() > '9') return std::nullopt;
        version[i] = *number;
    }
    return version;
}

bool reached(const Version& version, std::string_view limit) { return version >= *version_of(limit); }

}  // namespace

OptionAt find_option(std::string_view name, std::string_view ggml_version) {
    OptionAt at{find_option(name), OptionStanding::cannot_tell, ""};
    const auto version = version_of(ggml_version);
    if (!version) {
        at.why = "which version of ggml it has is not known";
    } else if (!reached(*version, kOldestGgmlVersion)) {
        at.why = fmt::format("ggml {} is older than the table of options, which starts at {}", ggml_version,
                             kOldestGgmlVersion);
    } else if (*version_of(kGgmlVersion) < *version) {
        at.why =
            fmt::format("ggml {} is newer than the table of options, which ends at {}", ggml_version, kGgmlVersion);
    } else if (at.option == nullptr) {
        at.standing = OptionStanding::never;
    } else if (!at.option->since.empty() && !reached(*version, at.option->since)) {
        at.standing = OptionStanding::not_yet;
    } else if (at.option->until.empty() ? at.option->state == retired : reached(*version, at.option->until)) {
        at.standing = OptionStanding::gone;
    } else {
        at.standing = OptionStanding::there;
    }
    return at;
}

std::optional<std::string> nearest_option(std::string_view name) {
    std::vector<std::string> names;
    for (const Option& option : kOptions)
        if (option.state != retired) names.emplace_back(option.name);
    return did_you_mean(name, names);
}

}  // namespace lf::plan
