// SPDX-License-Identifier: MIT
/// \file
/// \brief What an audit found, written out: for people and for programs. Computes nothing.
#pragma once

#include <string>

#include "audit/audit.h"

namespace lf::audit {

struct RenderOptions {
    bool functions = false;  ///< every function with code beyond the baseline too
};

/// For people, within 80 columns: the verdicts first, then what is inside each file.
std::string render_text(const Report& report, RenderOptions options = {});

/// Schema "llama-fleet/audit", version 1: doc/audit-json.md says every field.
std::string to_json(const Report& report, RenderOptions options = {});

}  // namespace lf::audit
