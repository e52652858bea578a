// SPDX-License-Identifier: MIT
/// \file
/// \brief What went wrong, as data. Text for people is made in cli/ only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lf {

/// What an error means for the exit code of the program (see cli/exit_code.h).
enum class ErrorKind : std::uint8_t {
    no,     ///< 1: the answer is no: a check failed, something was found
    usage,  ///< 2: wrong use: unknown host, wrong option
    world,  ///< 3: the world failed: unreadable file, full disk, malformed input
    owner,  ///< 4: not done, needs the owner's hand; `hint` tells what to do
};

/// Where an error stands. Empty or 0 = does not apply. Lines and columns count from 1; columns count bytes.
struct Where {
    std::string file;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::string source_line;  ///< the text of that line, for the caret
    std::string host;
    std::string json_path;  ///< as "/cpu/features/3"
};

struct Error {
    std::string id;  ///< stable, for scripts and for doc/findings: "facts-version", "nix-parse"
    ErrorKind kind = ErrorKind::world;
    std::string message;  ///< lower case, no full stop, says what and why
    Where where;
    std::string hint;  ///< what to do next; may have several lines
    std::vector<Error> causes;
};

/// The usual ways to make one.
Error usage_error(std::string id, std::string message, std::string hint = {});
Error world_error(std::string id, std::string message, std::string hint = {});
Error owner_error(std::string id, std::string message, std::string hint = {});

/// The same error, standing at `file`:`offset` of `text`: fills in line, column and source_line.
Error at_offset(Error error, std::string file, std::string_view text, std::size_t offset);

}  // namespace lf
