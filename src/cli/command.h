// SPDX-License-Identifier: MIT
/// \file
/// \brief The one table of commands and options. The parser, --help, the man page and the docs all read it.
#pragma once

#include <span>
#include <string_view>

namespace lf::cli {

class Arguments;
class Terminal;

enum class Takes : unsigned char {
    nothing,       ///< a switch
    one,           ///< one value; of two that differ, neither is taken
    many,          ///< may be given several times
    optional,      ///< a value or none
    many_or_none,  ///< may be given several times, or without a value
};

struct Option {
    std::string_view name;  ///< "--write"
    Takes takes;
    std::string_view value;  ///< what the value is called in help: "HOST=DIR"; "" for switches
    std::string_view help;
};

struct Command {
    std::string_view name;
    std::string_view positional;  ///< "FLAKE", "[FACTS…]" or ""
    std::size_t least_positional = 0;
    std::size_t most_positional = 0;
    std::string_view summary;      ///< one line
    std::string_view description;  ///< paragraphs, wrapped when shown
    std::span<const Option> options;
    std::span<const std::string_view> examples;  ///< command lines that work
    int (*run)(const Arguments&, Terminal&);
};

/// Every verb, in the order in which people meet them.
std::span<const Command> commands();

/// Options that every verb takes.
std::span<const Option> common_options();

}  // namespace lf::cli
