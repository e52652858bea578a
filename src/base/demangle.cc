// SPDX-License-Identifier: MIT
#include "base/demangle.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>

namespace lf {
namespace {

constexpr std::size_t kLongest = 1000, kMostReferences = 12;

/// Substitutions and template parameters ("S_", "S3_", "T_"): what makes a result longer than its name. Names of
/// people's functions that look like one count too.
std::size_t references(std::string_view name) {
    std::size_t count = 0;
    for (std::size_t i = 0; i + 1 < name.size(); ++i) {
        if (name[i] != 'S' && name[i] != 'T') continue;
        std::size_t end = i + 1;
        while (end < name.size() && ((name[end] >= '0' && name[end] <= '9') || (name[end] >= 'A' && name[end] <= 'Z')))
            ++end;
        if (end < name.size() && name[end] == '_') ++count;
    }
    return count;
}

}  // namespace

std::string demangled(std::string_view name) {
    if (!name.starts_with("_Z") || name.size() > kLongest || references(name) > kMostReferences ||
        name.find('\0') != std::string_view::npos)
        return "";
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> out(
        abi::__cxa_demangle(std::string(name).c_str(), nullptr, nullptr, &status), &std::free);
    if (status != 0 || out == nullptr) return "";
    std::string text(out.get());
    return text.size() > kLongest ? "" : text;
}

}  // namespace lf
