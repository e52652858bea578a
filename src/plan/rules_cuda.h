// SPDX-License-Identifier: MIT
/// \file
/// \brief Which CUDA a host can compile with and run: the toolkits that know its cards, and those that its driver runs.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "facts/machine.h"
#include "plan/plan.h"
#include "plan/rule.h"

namespace lf::plan {

struct Card;

struct CudaRelease {
    int major = 0;
    int minor = 0;
    auto operator<=>(const CudaRelease&) const = default;  // NOLINT(modernize-use-nullptr): clang-tidy 14 sees a 0
};

/// "580.82.07" → {580, 82, 7}; a part that is not written is 0.
using DriverVersion = std::array<int, 3>;

/// nullopt for what is not two or three numbers with dots between them.
std::optional<DriverVersion> driver_version_of(const std::optional<std::string>& text);

/// The oldest CUDA from 12.0 on that compiles for a compute capability (86 for 8.6).
CudaRelease first_cuda_for(int capability);

/// The first CUDA that does not compile for it any more; nullopt: none is known.
std::optional<CudaRelease> cuda_without(int capability);

/// The oldest driver that runs programs made with this major release of CUDA; nullopt: not known.
std::optional<DriverVersion> oldest_driver_for(int cuda_major);

/// "525.60.13", as NVIDIA writes it.
std::string driver_text(const DriverVersion& driver);

/// Is the card's driver known, and is it too old for every CUDA that compiles for the card? Drivers of boards with
/// Tegra chips are numbered otherwise: never true for them.
bool driver_too_old(const facts::Gpu& gpu, int capability);

/// Does the card's driver read the compressed code that CUDA 12.4 and newer make? nullopt: its version is not known.
std::optional<bool> reads_compressed(const facts::Gpu& gpu);

/// ggml's option for it; "none" makes code that every driver reads.
inline constexpr std::string_view kCompressionFlag = "GGML_CUDA_COMPRESSION_MODE";
Because uncompressed_line(std::vector<std::string> facts);

/// What was found for the cards that CUDA serves.
struct CudaSet {
    std::optional<std::string> packages;  ///< "cudaPackages_12_8"; nullopt = nixpkgs' default
    Because line;                         ///< "cuda.packages"
    /// Why its code must not be compressed, one sentence a card; empty = it may be.
    std::vector<std::string> uncompressed;
};
CudaSet plan_cuda_set(const std::vector<Card>& cards);

/// Does a package set of this name ("cudaPackages_12_8") compile for the capability? nullopt for a name that is none.
std::optional<bool> set_compiles_for(std::string_view packages, int capability);

/// The major release of the set, 12 for "cudaPackages_12_8"; nullopt for a name that is none.
std::optional<int> major_of_set(std::string_view packages);

/// Has a list of CMAKE_CUDA_ARCHITECTURES ("86-real;120a-real") something for the capability? Code with PTX, which has
/// no "-real", also serves newer cards.
bool has_cuda_code_for(int capability, std::string_view architectures);

/// "cudaPackages_12", "cudaPackages_13_0": the form of nixpkgs' names.
bool is_cuda_packages(std::string_view text);

RuleChapter cuda_rules();

}  // namespace lf::plan
