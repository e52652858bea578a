// SPDX-License-Identifier: MIT
/// \file
/// \brief lf::Error → text for people, or JSON for programs.
#pragma once

#include <string>

#include "base/error.h"

namespace lf::cli {

/// "llama-fleet: error: flake.nix:41:7: …", the source line with a caret, "hint: …"; ends with a newline. Everything
/// that came from outside is made printable.
std::string error_text(const Error& error);

/// One object on one line: {"error":{"id","kind","message","file","line","column","host","json_path","hint"}}.
std::string error_json(const Error& error);

}  // namespace lf::cli
