// SPDX-License-Identifier: MIT
/// \file
/// \brief The hosts of a flake, and how sure we are of each. Text only: nothing is evaluated.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/result.h"

namespace lf::flake {

/// How a host is made. The first five can be edited; what stands behind the others is told in Host::cannot.
enum class Pattern : std::uint8_t {
    plain,      ///< nixosConfigurations = { carbon = nixosSystem { … }; }
    dotted,     ///< nixosConfigurations.carbon = nixosSystem { … }
    helper,     ///< carbon = mkHost "carbon" …; the function stands in flake.nix
    generated,  ///< nixosConfigurations = genAttrs [ "carbon" … ] (name: nixosSystem { … })
    other,      ///< anything else that is called a host
};

/// "plain", "dotted", "helper", "generated", "other".
std::string_view pattern_name(Pattern pattern);

struct Host {
    std::string name;  ///< attribute under nixosConfigurations
    Pattern pattern = Pattern::other;
    std::string file;        ///< where its value stands, relative to the repository
    std::uint32_t line = 0;  ///< of its name (or of the call that makes all hosts)
    std::uint32_t column = 0;
    std::string system;              ///< "x86_64-linux" where it is written beside it, else ""
    std::vector<std::string> files;  ///< files of the repository that its modules lead to, nearest first
    std::string cannot;              ///< why its text cannot be edited with certainty; "" = it can
};

struct Fleet {
    std::vector<Host> hosts;  ///< in the order of the flake
    std::string framework;    ///< what makes the hosts where none is seen: "snowfall-lib"…, "another file"; else ""
};

/// Reads flake.nix below `root` and the files that its hosts name, never outside the repository.
/// Errors: those of reading a file ("file-missing" …), of nixsyntax::parse (file:line:col), "flake-shape" (not an
/// attribute set with outputs), "flake-no-hosts" (no nixosConfigurations; says what there is instead).
/// A framework is no error: `framework` names it, `hosts` are those that its folders and settings tell, if any.
Result<Fleet> read_fleet(const std::string& root);
Result<Fleet> read_fleet(const FileSource& files);

}  // namespace lf::flake
