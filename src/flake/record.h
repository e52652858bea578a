// SPDX-License-Identifier: MIT
/// \file
/// \brief What fit has done to a repository, kept in llama-fleet/edits.json so that it can be taken out again.
///
/// A stack: each fit that changed something adds a layer. Nothing but `fit` reads it: not Nix, not the overlay.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "flake/transaction.h"
#include "nixsyntax/edit.h"

namespace lf::flake {

inline constexpr std::string_view kRecordFile = "llama-fleet/edits.json";

/// One span: `removed` stood where `inserted` stands now.
struct RecordedEdit {
    std::uint32_t offset = 0;  ///< in the file after the fit
    std::uint32_t line = 0;    ///< the same, from 1; for people
    std::string removed;
    std::string inserted;
    std::string above;  ///< what stands before it in the file after the fit, up to three whole lines
    std::string below;  ///< and behind it
    bool operator==(const RecordedEdit&) const = default;
};

enum class Deed : std::uint8_t {
    edited,    ///< spans of a file of the owner's
    made,      ///< a file that was not there
    replaced,  ///< a whole file that was there
    deleted,
};

struct RecordedFile {
    std::string path;  ///< relative to the folder that holds flake.nix
    Deed deed = Deed::edited;
    std::string before;               ///< SHA-256; "" for `made`
    std::string after;                ///< SHA-256; "" for `deleted`
    std::vector<RecordedEdit> edits;  ///< of `edited`, in the order of the text
    std::string text;                 ///< of `replaced` and `deleted`: the whole file before
    std::uint32_t mode = 0644;        ///< of `deleted`: permissions
    bool operator==(const RecordedFile&) const = default;
};

struct Layer {
    std::vector<RecordedFile> files;
    bool operator==(const Layer&) const = default;
};

struct Record {
    std::vector<Layer> layers;  ///< the oldest first
    bool operator==(const Record&) const = default;
};

/// Schema "llama-fleet/edits", version 1. Same record, same bytes.
std::string record_json(const Record& record);

/// Errors, all with where.file = `file` and a JSON path: those of JSON and of schemas; "edits-path" (a path that fit
/// never touches), "edits-hash" (not a hash, or not that of the text beside it), "edits-mode", "edits-order" (spans
/// overlap), "edits-twice" (two entries for a file in a layer), "edits-bytes" (text that is not in the said encoding).
Result<Record> record_from_json(std::string_view text, const std::string& file);

/// The record of a repository; empty if there is none. Errors: as record_from_json, and those of reading.
Result<Record> read_record(const FileSource& files);

/// What undoing needs to know of one change. `edits` are the spans of a file that was edited, with the offsets of
/// `change.before`; not needed for the other deeds.
RecordedFile recorded(const FileChange& change, const std::vector<nixsyntax::Edit>* edits, std::uint32_t mode);

/// Is the file one that fit made, as far as the record knows?
bool made_by_fit(const Record& record, std::string_view path);

}  // namespace lf::flake
