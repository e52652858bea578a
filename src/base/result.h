// SPDX-License-Identifier: MIT
/// \file
/// \brief Result<T> for everything that the world can cause; assert is for our own mistakes.
#pragma once

#include <tl/expected.hpp>
#include <utility>

#include "base/error.h"

namespace lf {

template <class T>
using Result = tl::expected<T, Error>;

/// Success of something that has no value.
using Done = Result<void>;

inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

}  // namespace lf

#define LF_CONCAT_(a, b) a##b
#define LF_CONCAT(a, b) LF_CONCAT_(a, b)

/// Leave the function with the error of a Done, or go on.
#define LF_TRY(expression)                                                                        \
    do {                                                                                          \
        if (auto lf_done = (expression); !lf_done) return ::lf::fail(std::move(lf_done.error())); \
    } while (false)

/// LF_ASSIGN(auto x, f()): x = the value of f(), or leave the function with its error.
#define LF_ASSIGN(target, expression) LF_ASSIGN_(LF_CONCAT(lf_result_, __LINE__), target, expression)
// NOLINTBEGIN(bugprone-macro-parentheses): a declaration cannot stand in parentheses
#define LF_ASSIGN_(name, target, expression)               \
    auto name = (expression);                              \
    if (!name) return ::lf::fail(std::move(name.error())); \
    target = std::move(*name)
// NOLINTEND(bugprone-macro-parentheses)
