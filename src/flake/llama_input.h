// SPDX-License-Identifier: MIT
/// \file
/// \brief Whether an input of the flake is llama.cpp: its address tells, and not its name. Internal to the steps.
#pragma once

#include <cstdint>
#include <string>

#include "flake/meaning.h"
#include "flake/sources.h"

namespace lf::flake {

enum class IsLlama : std::uint8_t {
    yes,
    perhaps,  ///< a fork under a name of its own would look like this
    no,       ///< certainly something else
};

struct JudgedInput {
    IsLlama is = IsLlama::perhaps;
    std::string address;  ///< as the flake says it: "path:./notes", "github:owner/repo"
    std::string why;      ///< why it is something else
};

/// The input called `name`; `root` is the outermost set of flake.nix.
JudgedInput judge_input(Sources& sources, const Tree& tree, NodeId root, const std::string& name);

}  // namespace lf::flake
