// SPDX-License-Identifier: MIT
#include "gpucode/code_object.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "elf/image.h"
#include "gpucode/collect.h"

namespace lf::gpucode {

namespace {

struct Mach {
    std::uint32_t value;
    std::string_view name;
};

constexpr Mach kMach[] = {
#define LF_AMDGPU_MACH(value, name) {value, name},
#include "gpucode/amdgpu_mach.def"
#undef LF_AMDGPU_MACH
};

std::string_view mach_name(std::uint32_t value) {
    const auto* found =
        std::find_if(std::begin(kMach), std::end(kMach), [&](const Mach& m) { return m.value == value; });
    return found == std::end(kMach) ? std::string_view{} : found->name;
}

/// Two bits of e_flags: unsupported, any, off, on (AMDGPUUsage, "AMDGPU ELF Header e_flags for Code Object V4 and
/// later").
std::string_view setting(std::uint32_t bits) { return bits == 2 ? "-" : bits == 3 ? "+" : ""; }

/// EI_ABIVERSION: 0 is V2, 1 is V3 and so on. V3 has one bit a feature, which says that it is on.
void add_features(std::string& name, std::uint32_t flags, std::uint8_t abi_version) {
    std::string_view sramecc, xnack;
    if (abi_version >= 2) {
        sramecc = setting(flags >> 10U & 3U);
        xnack = setting(flags >> 8U & 3U);
    } else if (abi_version == 1) {
        sramecc = (flags & 0x200U) != 0 ? "+" : "";
        xnack = (flags & 0x100U) != 0 ? "+" : "";
    }
    if (!sramecc.empty()) name.append(":sramecc").append(sramecc);
    if (!xnack.empty()) name.append(":xnack").append(xnack);
}

CodeObject amd_code_object(std::uint32_t flags, std::uint8_t abi_version) {
    CodeObject out{.kind = Kind::hip_machine, .name = std::string(mach_name(flags & 0xffU)), .problem = {}};
    if (out.name.empty()) {
        out.problem = "AMD code object for machine " + hex(flags & 0xffU);
    } else {
        add_features(out.name, flags, abi_version);
    }
    return out;
}

/// Up to CUDA 12 (ABI version 7 and below) the SM is the low byte and 0x800 says "a"; from CUDA 13 (ABI version 8) it
/// is the second byte and 0x8 would say "a" (LLVM's EF_CUDA_ACCELERATORS; ptxas does not set it, its fat binary says
/// so).
CodeObject cubin(std::uint32_t flags, std::uint8_t abi_version) {
    const bool second_layout = abi_version >= 8;
    const std::uint32_t sm = second_layout ? flags >> 8U & 0xffU : flags & 0xffU;
    const bool exact = (flags & (second_layout ? 0x8U : 0x800U)) != 0;
    CodeObject out;
    if (sm < 10) {
        out.problem = fmt::format("cubin whose header names no SM (ABI version {}, flags {:#x})", abi_version, flags);
    } else {
        out.name = fmt::format("sm_{}{}", sm, exact ? "a" : "");
    }
    return out;
}

}  // namespace

bool is_gfx_target(std::string_view name) {
    return std::any_of(std::begin(kMach), std::end(kMach), [&](const Mach& m) { return m.name == name; });
}

std::optional<CodeObject> code_object(elf::Bytes head) {
    constexpr std::array<std::uint8_t, 6> kElf64Little = {0x7f, 'E', 'L', 'F', 2, 1};
    if (head.size() < 64 || !std::equal(kElf64Little.begin(), kElf64Little.end(), head.begin())) return std::nullopt;
    const auto machine = elf::read_at<std::uint16_t>(head, 18).value_or(0);
    const auto flags = elf::read_at<std::uint32_t>(head, 48).value_or(0);
    if (machine == elf::kEmCuda) return cubin(flags, head[8]);
    if (machine == elf::kEmAmdgpu) return amd_code_object(flags, head[8]);
    return std::nullopt;
}

}  // namespace lf::gpucode
