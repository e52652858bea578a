// SPDX-License-Identifier: MIT
/// \file
/// \brief Shell text of a derivation that may give CMake or the compiler more than the derivation shows. Used inside
/// check/ only.
#pragma once

#include <string>

#include "check/expectation.h"
#include "check/package_facts.h"

namespace lf::check {

/// Why the flags in the derivation may not be those that CMake gets; "" = nothing speaks for it. What a shell really
/// does nobody can read from its text: a word that matters is enough.
std::string doubt_of_hooks(const PackageFacts& facts, const Expectation& expected);

}  // namespace lf::check
