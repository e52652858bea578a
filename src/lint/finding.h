// SPDX-License-Identifier: MIT
/// \file
/// \brief What the lint found: where, which rule, what to do, and, where it is certain, the edit that does it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nixsyntax/edit.h"

namespace lf::lint {

enum class Severity : std::uint8_t {
    note,     ///< harmless; does not count for the exit code
    warning,  ///< costs speed, caches or safety
    error,    ///< does not do what it says, or does not evaluate or build
};

/// "note", "warning", "error".
std::string_view severity_name(Severity severity);

/// An edit of one file that mends a finding, and nothing else.
struct Fix {
    std::string title;  ///< what it does, for people: "write GGML_AVX512"
    nixsyntax::EditSet edits;
};

struct Finding {
    std::string rule;  ///< stable id; doc/lint/<rule>.md is its page
    Severity severity = Severity::warning;
    std::string host;          ///< of the host that it is about; "" = of the text
    std::string file;          ///< relative to the repository; "" = it does not stem from text
    std::uint32_t line = 0;    ///< from 1
    std::uint32_t column = 0;  ///< from 1, in bytes
    std::string source_line;   ///< the text of that line; "" = too long to show
    std::string message;       ///< what is wrong here, one sentence, lower case, no full stop
    std::string remedy;        ///< what the owner can do; may have several lines; "" = the fix says it all
    std::optional<Fix> fix;    ///< for `file`
};

}  // namespace lf::lint
