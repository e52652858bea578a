// SPDX-License-Identifier: MIT
/// \file
/// \brief The options that a source tree of ggml or llama.cpp knows, read from its CMake files. Nothing is run: an
/// option inside an if() counts, one whose name is put together at run time does not and is said.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "plan/options.h"

namespace lf::check {

struct CmakeOption {
    plan::OptionKind kind = plan::OptionKind::boolean;
    std::string fallback;  ///< as written: "ON", "${INS_ENB}"
    std::string file;
    std::uint32_t line = 0;
};

struct CmakeReplaced {
    std::string instead;  ///< "" = none
    bool fatal = false;   ///< giving it ends the configure run
};

struct CmakeOptions {
    std::map<std::string, CmakeOption, std::less<>> declared;  ///< option(), cmake_dependent_option(), set(… CACHE …)
    std::set<std::string, std::less<>> read;                   ///< ${NAME}, if(NAME), DEFINED NAME
    std::map<std::string, CmakeReplaced, std::less<>> replaced;  ///< llama_option_depr()
    std::string ggml_version;                                    ///< "0.21.0"; "" = not said
    bool computed = false;             ///< an option of ours has a name that only running CMake would tell
    std::vector<std::string> skipped;  ///< files that were too large, and why nothing more was taken
    std::size_t files = 0;             ///< that were read

    bool knows(std::string_view name) const { return declared.contains(name) || read.contains(name); }
};

inline constexpr std::size_t kCmakeFileLimit = std::size_t{1} << 20;
inline constexpr std::size_t kCmakeNamesLimit = 50'000;

/// Adds what one file tells. Never fails: hostile text yields few names.
void read_cmake(std::string_view text, const std::string& file, CmakeOptions& into);

/// A whole tree: path → text.
CmakeOptions read_cmake_files(const std::map<std::string, std::string>& files);

}  // namespace lf::check
