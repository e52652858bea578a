// SPDX-License-Identifier: MIT
/// \file
/// \brief What the program's exit codes mean. doc/, --help and the man page print this table.
#pragma once

#include <array>
#include <string_view>

#include "base/error.h"

namespace lf::cli {

enum ExitCode : int {
    kYes = 0,
    kNo = 1,
    kWrongUse = 2,
    kWorldFailed = 3,
    kNeedsOwner = 4,
    kInterrupted = 130,
};

struct ExitMeaning {
    ExitCode code;
    std::string_view text;
};

inline constexpr std::array<ExitMeaning, 6> kExitMeanings{{
    {kYes, "yes: done, or nothing to do"},
    {kNo, "no: a check failed"},
    {kWrongUse, "wrong use: unknown command, option or host"},
    {kWorldFailed, "the world failed: a file, a program, malformed input"},
    {kNeedsOwner, "not done: needs the owner's hand, instructions printed"},
    {kInterrupted, "interrupted"},
}};

constexpr ExitCode exit_code_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::no: return kNo;
        case ErrorKind::usage: return kWrongUse;
        case ErrorKind::world: return kWorldFailed;
        case ErrorKind::owner: return kNeedsOwner;
    }
    return kWorldFailed;
}

}  // namespace lf::cli
