// SPDX-License-Identifier: MIT
/// \file
/// \brief What was typed, read by the table in command.cc.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/command.h"

namespace lf::cli {

class Arguments {
  public:
    bool has(std::string_view option) const { return values_.contains(option); }
    /// The last value given, or nullopt.
    std::optional<std::string> value(std::string_view option) const;
    /// All values given, in order.
    std::vector<std::string> values(std::string_view option) const;
    const std::vector<std::string>& positional() const { return positional_; }
    /// Values of the form NAME=VALUE ("--root carbon=/tmp/c"). Error "usage-pair".
    Result<std::map<std::string, std::string>> pairs(std::string_view option) const;
    /// A whole number of at least `least`. Error "usage-number".
    Result<int> number(std::string_view option, int otherwise, int least, int most) const;

  private:
    friend Result<struct Parsed> parse_arguments(const std::vector<std::string>& words);
    std::map<std::string, std::vector<std::string>, std::less<>> values_;
    std::vector<std::string> positional_;
};

struct Parsed {
    const Command* command = nullptr;  ///< nullptr: no verb was given (help or version was asked for)
    Arguments arguments;
    bool help = false;
    bool version = false;
    bool man = false;
};

/// `words` without the program's name. Errors of kind usage, with did-you-mean: "usage-command", "usage-option",
/// "usage-argument". No word may be empty: for an option as for an argument that is a mistake of a script.
Result<Parsed> parse_arguments(const std::vector<std::string>& words);

}  // namespace lf::cli
