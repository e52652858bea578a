// SPDX-License-Identifier: MIT
/// \file
/// \brief Code for GPUs that stands in a file for the CPU: for which cards, how many bytes. Nothing is unpacked but the
/// heads of compressed HIP bundles.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "elf/image.h"

namespace lf::gpucode {

enum class Kind : std::uint8_t {
    cuda_machine,  ///< SASS: runs as it is
    cuda_ptx,      ///< intermediate: the driver compiles it at the first start
    hip_machine,   ///< an AMD code object
    spirv,         ///< Vulkan: the driver compiles it
};

/// All code of one kind for one target, over the whole file.
struct Target {
    Kind kind = Kind::cuda_machine;
    std::string name;  ///< "sm_86", "sm_90a", "compute_75", "gfx1100", "gfx90a:xnack+", "gfx11-generic", "spir-v"
    std::uint64_t entries = 0;
    std::uint64_t stored_bytes = 0;    ///< in the file, headers not counted
    std::uint64_t unpacked_bytes = 0;  ///< as the entries' headers say; = stored where not compressed
    std::string compression;           ///< "", "lz4", "zstd", "zlib", or several: "lz4 zstd"
};

/// Whose cards the code is for that cannot be read; any: nothing says it.
enum class Maker : std::uint8_t { nvidia, amd, any };

/// What is missing or contradicts itself: whatever code stands there, nobody knows for which cards.
struct Damage {
    Maker maker = Maker::any;
    std::string note;
};

struct GpuCode {
    std::vector<Target> targets;      ///< by kind, then by name (numbers as numbers)
    std::uint64_t containers = 0;     ///< fat binaries or bundles
    std::uint64_t section_bytes = 0;  ///< of the sections that hold them
    std::vector<std::string> notes;   ///< "2 entries of unknown kind 0x40 (812 bytes)", damage and where it is
    std::vector<Damage> damage = {};  ///< of each maker the first; none = all was read
    bool any() const { return !targets.empty() || containers != 0; }
};

/// Everything of a file. Damage is no error: what stands before it counts.
GpuCode gpu_code(const elf::Image& image);

/// The same of a file that is no ELF file for the CPU: a bare fat binary (.fatbin), a bundle (.hipfb, plain or CCOB), a
/// cubin, an AMD code object, PTX or SPIR-V. Errors: "gpucode-unknown": none of these.
Result<GpuCode> gpu_code_of_file(elf::Bytes file, const std::string& name);

/// What a target does on a card.
enum class Fit : std::uint8_t { no, compiles_first, runs };

/// CUDA: `compute_capability` "8.6". `name` as Target::name. The rules and their sources: doc/gpu-code.md, "What runs
/// where".
Fit fit_cuda(Kind kind, const std::string& name, const std::string& compute_capability);
/// ROCm: `gfx_target` "gfx1100" (as facts: without features).
Fit fit_hip(const std::string& name, const std::string& gfx_target);

}  // namespace lf::gpucode
