// SPDX-License-Identifier: MIT
/// \file
/// \brief One stage of one file on one host: what happens, and the instruction that shows it.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "audit/audit.h"

namespace lf::audit {

/// All four stages of an examined file, in the order of kStages.
std::vector<StageVerdict> judge_stages(const FileAudit& file, const facts::Cpu& cpu);

/// Stage::use of what begins at exported functions of these names.
StageVerdict judge_use(const FileAudit& file, const facts::Cpu& cpu, const std::set<std::string>& exports);

/// Libraries of a folder that are no part of llama.cpp: of their exports only those decide that somebody in the folder
/// imports and that no check of the CPU can keep away; the rest is FileVerdict::uncalled. Sets the outcome of
/// Stage::use aside in `uncalled`, or puts what decides in its place. `imported`: by files that the host loads.
void judge_exports(const FileAudit& file, const facts::Cpu& cpu, const std::set<std::string>& imported,
                   FileVerdict& verdict);

/// Is the file a library beside llama.cpp's own in a folder that has some of these, or a program?
bool is_beside(const BuildAudit& build, const FileAudit& file);

}  // namespace lf::audit
