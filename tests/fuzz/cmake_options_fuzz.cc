// SPDX-License-Identifier: MIT
// The CMake files of a pinned source are a stranger's. Names found are names and stand in the text; what stands before
// a text changes nothing in it; a text inside a comment yields nothing.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "check/cmake_options.h"

namespace {

using lf::check::CmakeOptions;

void require(bool holds) {
    if (!holds) std::abort();
}

CmakeOptions read(std::string_view text) {
    CmakeOptions options;
    lf::check::read_cmake(text, "CMakeLists.txt", options);
    return options;
}

void require_name(std::string_view name) {
    require(!name.empty() && name.size() <= 100);
    require(name.find_first_of(" \t\r\n\"'`$(){};\\\x1b") == std::string_view::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const CmakeOptions options = read(text);
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
    for (const auto& [name, option] : options.declared) {
        require_name(name);
        require(text.find(name) != std::string::npos);
        require(option.line >= 1 && option.line <= lines);
    }
    for (const std::string& name : options.read) require_name(name);
    for (const auto& [name, replaced] : options.replaced) require_name(name);

    const CmakeOptions more = read(
        "option(GGML_PROBE_OF_FUZZ \"\" ON)\n#[=[ option(GGML_NONE_OF_FUZZ) ]=] # option(GGML_NONE_OF_FUZZ)\n" + text);
    require(more.declared.contains("GGML_PROBE_OF_FUZZ"));
    require(more.declared.size() ==
            options.declared.size() + (options.declared.contains("GGML_PROBE_OF_FUZZ") ? 0 : 1));
    require(more.read == options.read && more.ggml_version == options.ggml_version);

    if (text.find("]==]") == std::string::npos) {
        const CmakeOptions hidden = read("#[==[" + text + "]==]");
        require(hidden.declared.empty() && hidden.read.empty() && hidden.replaced.empty());
    }
    return 0;
}
