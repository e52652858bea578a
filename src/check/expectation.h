// SPDX-License-Identifier: MIT
/// \file
/// \brief What evaluation must show for a host and a package, and comparing it as CMake would.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace lf::check {

/// The variants that the overlay makes on every host, in the order shown.
inline constexpr const char* kVariants[] = {"llama-cpp-cpu", "llama-cpp-cuda", "llama-cpp-vulkan", "llama-cpp-rocm"};

struct Expectation {
    std::string package;         ///< "llama-cpp-cuda"
    bool planned = true;         ///< false: the host has no GPU for it; it may then fail without harm
    bool selected = false;       ///< the plan's choice for this host
    bool native_wanted = false;  ///< builder-native: machine code for the builder is asked for
    plan::Flags flags;
    std::vector<std::string> off;       ///< must not be on and need not be said
    std::string cpu_variant;            ///< universal: the one that the host's copy keeps, "zen4"; else ""
    std::vector<std::string> backends;  ///< with targets of their own: "cuda", "rocm"
};

/// The four variants and, if it is none of them, the selected package.
std::vector<Expectation> expectations(const plan::Build& build);

/// One -D option as CMake ends up with it.
struct Setting {
    std::string value;
    int times = 1;       ///< how often it was given; the last one counts
    std::size_t at = 0;  ///< where: the number of the last one's word
};

/// CMake's command line read as CMake does: `-DNAME=V`, `-DNAME:TYPE=V`, `-D NAME=V`, `-U GLOB`; the last one wins.
struct Settings {
    std::map<std::string, Setting> by_name;
    std::vector<std::string> unread;  ///< what can hide further settings: "-C cache.cmake", "--preset x"
};
Settings read_settings(const std::vector<std::string>& cmake_flags);

/// What if(NAME) makes of a value: 0, OFF, NO, FALSE, N, IGNORE, NOTFOUND, "" and *-NOTFOUND are false in any case.
bool cmake_truth(const std::string& value);

struct Difference {
    std::string name;         ///< "GGML_AVX2", "NIX_CFLAGS_COMPILE"
    std::string wanted;       ///< "ON", "86-real", "not set"
    std::string got;          ///< "OFF", "not set"
    std::string advice = {};  ///< "did you mean GGML_AVX512?"; "" = none
    bool operator==(const Difference&) const = default;
};

/// By name and value; in the order of the names.
std::vector<Difference> compare_flags(const plan::Flags& wanted, const Settings& got);

/// Those of `off` that are on.
std::vector<Difference> compare_off(const std::vector<std::string>& off, const Settings& got);

}  // namespace lf::check
