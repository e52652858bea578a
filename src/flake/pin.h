// SPDX-License-Identifier: MIT
/// \file
/// \brief A revision of llama.cpp, and how the address of an input names one.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "nixsyntax/token.h"
#include "plan/plan.h"

namespace lf::flake {

enum class RevisionKind : std::uint8_t {
    hash,   ///< of a commit: 40 hex digits
    build,  ///< a release: b7779
    name,   ///< a branch, or another tag
};

struct Revision {
    RevisionKind kind = RevisionKind::name;
    std::string text;
};

/// Error "fit-pin" (usage): no hash, tag or branch, or a hash that is not whole.
Result<Revision> parse_revision(std::string_view text);

/// How an address is to change: the bytes `span` of it become `text`.
struct Repinned {
    nixsyntax::Span span;
    std::string text;
    std::string before;  ///< the revision that it named: "b6000"; "" = none
};

/// The address of an input with another revision: `github:o/r`, `github:o/r/REV`, `…?rev=`, `…?ref=`, `git+https://…`,
/// `https://github.com/o/r/archive/REV.tar.gz`. nullopt: an address that names no revision (a path, a name of the
/// registry), or also the hash of what it holds (narHash).
std::optional<Repinned> repinned(std::string_view url, const Revision& revision);

/// A ref without "refs/tags/" or "refs/heads/" in front.
std::string bare_name(std::string_view ref);

/// "llama-cpp: unchanged, b7045": where something else has to be done first, or the pin is there already.
std::string unchanged_note(const std::string& input, const std::string& before);

/// What the owner should know of a pin: which options come and go from `named` (a ref, may be "") to `revision`, which
/// flags of the plans are not there, and what to run.
std::vector<std::string> pin_notes(const std::string& input, const std::string& named, const Revision& revision,
                                   const std::map<std::string, plan::Plan>& plans);

}  // namespace lf::flake
