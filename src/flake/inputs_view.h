// SPDX-License-Identifier: MIT
/// \file
/// \brief How the inputs of the flake are called in a place of a file: proved by following what the file was given.
#pragma once

#include <string>
#include <string_view>

#include "flake/outline.h"

namespace lf::flake {

/// A name that stands for the inputs, for something that has them as `inputs`, or for the one input itself.
struct InputsView {
    enum class Kind : std::uint8_t { none, all, one, holder };
    Kind kind = Kind::none;
    std::string name;
};

/// What can be said for the input called `input` in a place on the way to a site. All hosts of the site agree.
InputsView inputs_view(const Outline& outline, const Site& site, Ref place, const std::string& input);

/// The bindings of a set in that place, so that its `inputs.llama-cpp` is the input: `inherit inputs;`.
std::string inputs_bindings(const Tree& tree, const InputsView& view, const std::string& input);

}  // namespace lf::flake
