// SPDX-License-Identifier: MIT
/// \file
/// \brief The main job: plans → edits of an owner's flake, as the guide's four steps. Pure: reads files, writes
/// nothing.
///
/// Every edit is an insertion, replacement or deletion of spans in the file's own style, proved by nixsyntax::prove()
/// before it is handed out. A second fit on the result finds nothing to do.
///
/// All or nothing: either every host that was asked for can be edited with certainty, or no file of the owner's is
/// touched. Then `instructions` holds what the owner has to paste, and `changes` only files that are ours
/// (llama-fleet/…, the overlay file), so that the pasted text finds what it names.
///
/// What was changed is added to llama-fleet/edits.json (record.h), one of the changes; undo.h takes it out again.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "flake/transaction.h"
#include "nixsyntax/edit.h"
#include "plan/plan.h"

namespace lf::flake {

struct FitRequest {
    std::string root;                               ///< the folder that holds flake.nix
    std::map<std::string, plan::Plan> plans;        ///< by host; a host of the flake without a plan is left as it is
    std::map<std::string, std::string> facts_json;  ///< by host: bytes for llama-fleet/facts/<host>.json; may be empty
    std::map<std::string, std::string> plan_json;   ///< by host: bytes for llama-fleet/plan/<host>.json
    std::set<std::string> only_hosts;               ///< empty = every host that has a plan
    bool allow_unfree = false;                      ///< the owner agrees to the predicate for CUDA's licences
    std::string pin;                                ///< the revision that the input is to name (pin.h); "" = as it is
    std::set<std::string> unfree_refused;  ///< hosts for which evaluation said that CUDA's packages are refused
};

/// Where the plan of a host is, relative to the repository: "llama-fleet/plan/carbon.json".
std::string plan_path(const std::string& host);

/// What only the owner's hand can do.
struct Instruction {
    std::string file;        ///< relative to the repository
    std::uint32_t line = 0;  ///< from 1; the text belongs after (or replaces) this line; 0 = anywhere in the file
    std::string text;        ///< to paste, as it stands
    std::string why;         ///< one sentence: what it is for and why it was not done
};

/// What the input named before it was pinned.
struct Pinned {
    std::string input;                       ///< "llama-cpp"
    std::string before;                      ///< "b6000", "refs/tags/b6000"; "" = no revision
    std::vector<std::string> replaced = {};  ///< the bytes of flake.nix that make room for the new one
};

struct FitResult {
    std::vector<FileChange> changes;        ///< sorted by path; empty = nothing to do
    std::vector<Instruction> instructions;  ///< not empty = exit 4, see above
    std::vector<std::string> notes;         ///< what the owner should know, one sentence each
    std::vector<std::string> new_files;     ///< paths among `changes` that git has to be told of
    /// By path: what was done to a file that was not written whole, with the offsets of `before`.
    std::map<std::string, std::vector<nixsyntax::Edit>> edits;
    std::optional<Pinned> pinned = std::nullopt;  ///< where a revision was asked for, and could be written
    bool superseded = false;  ///< overlays of the owner's went for ours, so that there need not be more than before
};

/// Errors: those of read_fleet and read_record; "fit-unknown-host" (usage, did-you-mean) for a name in only_hosts or
/// plans that is no host of the flake; "fit-host-name" (usage) for one that no path can hold; "fit-no-plan" (usage) for
/// a name in only_hosts without a plan; the errors of reading and parsing a module of a host to be fitted (one that is
/// missing or encrypted is a note); "fit-unproved" when an edit of ours does not prove: a mistake of this program,
/// nothing is handed out.
Result<FitResult> fit(const FitRequest& request);

/// The same over another view of the repository, whose root is "/" (request.root is only named in errors).
Result<FitResult> fit(const FitRequest& request, const FileSource& files);

}  // namespace lf::flake
