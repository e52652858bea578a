// SPDX-License-Identifier: MIT
/// \file
/// \brief CMake source → commands with their arguments, as cmake-language(7) describes them. Nothing is run or
/// expanded. Any bytes are taken: what is no command is stepped over. Used inside check/ only.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace lf::check {

enum class CmakeQuoting : std::uint8_t {
    unquoted,  ///< also a parenthesis of its own, inside the outer ones
    quoted,    ///< "…": ${} counts, escapes are not taken out
    bracket,   ///< [[…]]: every byte stands for itself
};

struct CmakeArgument {
    std::string_view text;  ///< without quotes and brackets
    CmakeQuoting quoting = CmakeQuoting::unquoted;
};

struct CmakeCommand {
    std::string_view name;
    std::vector<CmakeArgument> arguments;
    std::uint32_t line = 1;  ///< of the name
};

class CmakeText {
  public:
    /// `text` must outlive this and every command.
    explicit CmakeText(std::string_view text) : text_(text) {}

    /// The next command; nullopt at the end. One whose closing parenthesis is missing is none.
    std::optional<CmakeCommand> next();

  private:
    bool skip_blank_or_comment();
    bool arguments(std::vector<CmakeArgument>& out);
    CmakeArgument quoted();
    CmakeArgument unquoted();
    std::optional<CmakeArgument> bracket();
    std::string_view identifier();
    void step(std::size_t bytes = 1);
    char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool done() const { return at_ >= text_.size(); }

    std::string_view text_;
    std::size_t at_ = 0;
    std::uint32_t line_ = 1;
};

}  // namespace lf::check
