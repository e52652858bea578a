// SPDX-License-Identifier: MIT
/// \file
/// \brief For which card an ELF file of GPU code is: CUDA's cubins and AMD's code objects. Its 64-byte header says it.
#pragma once

#include <optional>
#include <string>

#include "elf/reader.h"
#include "gpucode/gpu_code.h"

namespace lf::gpucode {

struct CodeObject {
    Kind kind = Kind::cuda_machine;
    std::string name;     ///< "sm_90a", "gfx90a:xnack+"; "" = for a card that we have no name for
    std::string problem;  ///< then: what its header says
};

/// nullopt: not the head of an ELF file for a GPU (64 bytes are enough to tell).
std::optional<CodeObject> code_object(elf::Bytes head);

/// Is this one of the names that we know of AMD's targets, without features?
bool is_gfx_target(std::string_view name);

}  // namespace lf::gpucode
