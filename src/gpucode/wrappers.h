// SPDX-License-Identifier: MIT
/// \file
/// \brief The wrappers that a program hands to the CUDA or HIP runtime: they say where its containers are.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "elf/image.h"

namespace lf::gpucode {

inline constexpr std::uint32_t kCudaWrapper = 0x466243B1, kHipWrapper = 0x48495046;  ///< "FbC", "HIPF"

/// Where in the file the byte at this address is; nullopt: no segment's file part holds it.
std::optional<std::uint64_t> file_offset(const elf::Image& image, std::uint64_t address);

/// The wrappers of one section: {u32 magic, u32 version, pointer to a container, pointer or 0}. Offsets in the file of
/// the containers, sorted, each once. Pointers are taken from the relocations where there are such, else from the file.
std::vector<std::uint64_t> wrapped(const elf::Image& image, const elf::Section& section, std::uint32_t magic);

}  // namespace lf::gpucode
