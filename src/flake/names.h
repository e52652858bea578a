// SPDX-License-Identifier: MIT
/// \file
/// \brief Words about llama.cpp's packages that the editor and the lint share.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace lf::flake {

/// What nixpkgs' package calls an argument, and the official one (.devops/nix/package.nix); "" = it has none.
struct ArgumentName {
    std::string_view nixpkgs;
    std::string_view official;
};
inline constexpr std::array kArgumentNames{
    ArgumentName{"cudaSupport", "useCuda"},
    ArgumentName{"rocmSupport", "useRocm"},
    ArgumentName{"vulkanSupport", "useVulkan"},
    ArgumentName{"blasSupport", "useBlas"},
    ArgumentName{"openblasSupport", "useBlas"},
    ArgumentName{"metalSupport", "useMetalKit"},
    ArgumentName{"rpcSupport", "useRpc"},
    ArgumentName{"openclSupport", ""},
    ArgumentName{"cpuArchDynamicDispatch", ""},
    ArgumentName{"", "useMpi"},
    ArgumentName{"", "useWebUi"},
    ArgumentName{"", "enableStatic"},
    ArgumentName{"", "precompileMetalShaders"},
    ArgumentName{"", "effectiveStdenv"},
    ArgumentName{"", "llamaVersion"},
};

/// `pkgs.unstable.llama-cpp`, `pkgs-unstable.llama-cpp`, `master.llama-cpp`: a package of another instance of nixpkgs,
/// which the overlays of the host do not reach.
bool is_second_instance(std::span<const std::string> names);

/// The rules that a comment on this line (from 1), or on lines of its own above, switches off:
/// `# llama-fleet: allow second-instance`.
std::set<std::string> allowed_at(std::span<const std::string_view> lines, std::uint32_t line);

}  // namespace lf::flake
