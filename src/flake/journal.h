// SPDX-License-Identifier: MIT
/// \file
/// \brief What a transaction writes down about itself, and the locked folder where it does. Internal to transaction.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace lf::flake {

struct JournalFile {
    std::string path;                   ///< relative to the root, as path_inside gives it
    std::optional<std::string> before;  ///< SHA-256; nullopt = no file
    std::optional<std::string> after;
};

struct Journal {
    std::string root;  ///< relative to the folder that the place belongs to; "." = the same
    std::string id;    ///< part of the names of staged files: 16 hex digits
    bool committed = false;
    std::vector<std::string> folders;  ///< that it makes, relative to the root, parents first
    std::vector<JournalFile> files;
};

/// Where lock and journal are, for a root.
struct JournalPlace {
    std::string folder;  ///< <git folder>/llama-fleet or <root>/.llama-fleet
    std::string top;     ///< what Journal::root is relative to
};

/// The git folder's place if there is one, then the root's own. `root` is absolute and resolved.
std::vector<JournalPlace> journal_places(const std::string& root);

/// The folder, locked. It vanishes when this ends, unless a journal is left in it.
class JournalFolder {
  public:
    /// Makes the folder if it is missing and takes the lock. Error "fit-locked".
    static Result<JournalFolder> open(const JournalPlace& place);
    JournalFolder(JournalFolder&& other) noexcept;
    JournalFolder(const JournalFolder&) = delete;
    JournalFolder& operator=(const JournalFolder&) = delete;
    JournalFolder& operator=(JournalFolder&&) = delete;
    ~JournalFolder();

    /// nullopt = none. Error "journal-damaged".
    Result<std::optional<Journal>> read() const;
    /// Replaces the journal, synced.
    Done write(const Journal& journal) const;
    Done remove() const;
    const JournalPlace& place() const { return place_; }

  private:
    JournalFolder(JournalPlace place, int lock);
    JournalPlace place_;
    int lock_;
};

}  // namespace lf::flake
