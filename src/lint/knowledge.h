// SPDX-License-Identifier: MIT
/// \file
/// \brief What the lint knows of a repository before it looks at a single expression. Read from text alone.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/files.h"
#include "facts/machine.h"
#include "flake/sources.h"
#include "plan/plan.h"

namespace lf::lint {

enum class Source : std::uint8_t {
    nixpkgs,   ///< nixpkgs' own package
    official,  ///< that of the official flake
    fitted,    ///< what our overlay made of it
};

struct Knowledge {
    std::set<std::string> llama_inputs;  ///< inputs that are the official flake: "llama-cpp"
    bool official_overlay = false;       ///< `<llama input>.overlays.default` stands in some file
    bool fitted = false;  ///< our own overlay or module is there, so pkgs.llama-cpp is what the plan says
    std::set<std::string> overlay_attributes;  ///< llama-cpp… that overlays of this repository define: "llama-cpp-cuda"
    std::optional<std::string> nixpkgs_date;         ///< "2026-08-14", of the nixpkgs that flake.lock pins for the root
    std::map<std::string, facts::Machine> machines;  ///< llama-fleet/facts/<host>.json
    plan::Flags cpu_flags;               ///< instruction sets that every host's plan switches on; empty = no plans
    std::vector<std::string> unread;     ///< files that could not be parsed, with the reason
    bool mentions_unfree = false;        ///< allowUnfree or a predicate stands somewhere
    bool service_used = false;           ///< services.llama-cpp is set somewhere
    bool own_service = false;            ///< the repository declares services.llama-cpp itself
    bool write_execute_allowed = false;  ///< MemoryDenyWriteExecute is set somewhere
    bool plain_tuned = false;            ///< an overlay of this repository defines `llama-cpp` itself
    std::set<std::string> official_attributes;  ///< those of overlay_attributes that are made of the official package
    bool official_overridden = false;           ///< somebody builds on the `llama-cpp` of the official overlay
    std::set<std::string> names_used;           ///< llama-cpp-vulkan and -rocm, where some file says so
    bool overlays_set = false;                  ///< nixpkgs.overlays is set somewhere
    bool home_takes_llama = false;      ///< a home configuration installs llama-cpp and registers no overlay itself
    bool global_packages_said = false;  ///< useGlobalPkgs is set somewhere
    bool x86_named = false;             ///< x86-64, or all systems, stand somewhere
    bool other_cpu_named = false;       ///< aarch64-linux or the like stands somewhere
    bool concerns_llama = false;        ///< llama-cpp stands somewhere
    bool other_gpu_users = false;       ///< programs beside llama.cpp that have a use for CUDA or ROCm stand somewhere
};

/// Since when nixpkgs' own package picks the instruction set at run time (nixpkgs pull request 518204, May 2026).
inline constexpr std::string_view kDispatchSince = "2026-06-01";
/// Since when services.llama-cpp has `settings` and no `extraFlags` (nixpkgs pull request 528626, June 2026).
inline constexpr std::string_view kServiceSettingsSince = "2026-07-01";

/// Reads what is there; what is not, or is damaged, is left out. No errors: a lint must work on any repository.
Knowledge learn(flake::Sources& sources, const FileSource& files);

/// Does a text name a program beside llama.cpp that has a use for CUDA or ROCm?
bool names_gpu_program(std::string_view text);

/// Does the official overlay put a slower package in the place of nixpkgs', and nobody makes anything of it?
bool official_shadows_here(const Knowledge& known);

/// Is this file the overlay that `fit` writes, edited or not?
bool is_our_overlay(flake::Sources& sources, const std::string& path);

}  // namespace lf::lint
