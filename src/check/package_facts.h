// SPDX-License-Identifier: MIT
/// \file
/// \brief What evaluation tells about one package.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace lf::check {

struct PackageFacts {
    std::string name;     ///< of the derivation
    std::string version;  ///< "9608", "0.0.0"; "" = not said
    std::string main_program;
    bool has_flags = false;
    std::vector<std::string> cmake_flags;            ///< as the build's shell splits them
    std::map<std::string, std::string> environment;  ///< those set of the variables that parts.nix lists
    std::map<std::string, std::string> hooks;        ///< those set of the shell texts that parts.nix lists
    std::vector<std::string> required_features;
    std::string source;      ///< path of its source, if evaluation has it; a key of Answer::sources. "" = `source_why`
    std::string source_why;  ///< "its source is fetched when it is built, …"
    std::string ggml_version;  ///< of the package ggml that it is built with; "" = it has its own
    std::string build_drv;     ///< the derivation that compiles; another one only for a pinned copy. "" = it throws
    std::string gcc_arch;      ///< hostPlatform.gcc.arch of its stdenv: "znver4"; "" = none
};

}  // namespace lf::check
