// SPDX-License-Identifier: MIT
/// \file
/// \brief What an audit found, written out: for people and for programs. Computes nothing.
#pragma once

#include <string>

#include "audit/audit.h"

namespace lf::audit {

struct RenderOptions {
    bool functions = false;  ///< each file with all its sets, and every function with code beyond the baseline
};

/// For people, within 80 columns: the verdicts first (of several hosts as a matrix, and then what it cannot say, once
/// for all hosts of which the same is true), then what is inside: of a build of many files a line or two each.
std::string render_text(const Report& report, RenderOptions options = {});

/// Schema "llama-fleet/audit", version 1: doc/audit-json.md says every field.
std::string to_json(const Report& report, RenderOptions options = {});

}  // namespace lf::audit
