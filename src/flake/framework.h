// SPDX-License-Identifier: MIT
/// \file
/// \brief Frameworks that make hosts out of folders or of their own functions: which one it is, where its hosts are.
///
/// A framework is recognised by the call that flake.nix makes of an input that is the framework's by name or address;
/// that the input is there says nothing. All facts in the tables are from the frameworks' own sources.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "flake/outline.h"

namespace lf::flake {

/// How a module of a host gets at the flake's inputs.
enum class InputsAs : std::uint8_t {
    argument,  ///< the framework gives `inputs`
    flake,     ///< it gives `flake`, which has `inputs`
    self,      ///< it gives `self`, which has `inputs`
    owner,     ///< only if the owner hands them on: `settings` is where
    file,      ///< a file of flake-parts has them, and its modules with it
    nobody,    ///< nixpkgs.overlays is refused: the overlay belongs where pkgs is made
};

struct Framework {
    std::string_view name;
    std::array<std::string_view, 2> repositories;  ///< "owner/repo" of its input, in small letters
    std::array<std::string_view, 3> calls;         ///< behind the input's name; "." = the input itself; "" = no more
    bool module = false;                           ///< it is a module of flake-parts: inputs.x.flakeModule
    InputsAs inputs = InputsAs::argument;
    std::array<std::string_view, 2> settings;  ///< where the owner hands inputs on
    bool reads_folders = false;                ///< it may read every file of a folder of overlays
    std::string_view says;                     ///< where a module of one host goes, if no place of it is found
};

/// The framework that makes the hosts, and the call.
struct FrameworkUse {
    const Framework* framework = nullptr;  ///< nullptr = none
    NodeId call = kNone;                   ///< in the file of the outputs; kNone where only another file uses it
    NodeId settings = kNone;               ///< the set that the call is given; kNone = none is seen
};

FrameworkUse find_framework(Sources& sources, const Outline& outline);

/// One host of a framework.
struct FrameworkHost {
    std::string name;
    std::string file;                ///< where it is made: its module, or the file that lists it
    bool is_module = false;          ///< `file` is a NixOS module of this host and of no other
    std::vector<std::string> entry;  ///< else: the path of its settings in `file`; empty = the file's own set
    bool entry_is_module = false;    ///< its settings are a module, and no set with a list of modules
};

/// The hosts that folders and settings tell, sorted by name; a host with a module of its own is listed with that.
std::vector<FrameworkHost> framework_hosts(Sources& sources, const Outline& outline, const FrameworkUse& use);

/// The sets of settings of a framework: in flake.nix, and in files of flake-parts modules.
struct Settings {
    const Tree* tree = nullptr;
    NodeId set = kNone;
};
std::vector<Settings> framework_settings(Sources& sources, const Outline& outline, const FrameworkUse& use);
/// A value in one of them, or kNone; functions around sets are looked through.
struct Setting {
    const Tree* tree = nullptr;
    NodeId value = kNone;
};
Setting find_setting(const std::vector<Settings>& settings, const std::vector<std::string>& path);
Setting find_setting(const std::vector<Settings>& settings, std::string_view dotted);

}  // namespace lf::flake
