// SPDX-License-Identifier: MIT
/// \file
/// \brief JSON in and out: stable key order, errors with a path, unknown fields refused.
///
/// The one header that shows nlohmann::json: include it from .cc files only (tests/lint/layers.py checks that).
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lf {

using Json = nlohmann::json;

/// Two blanks of indentation, sorted keys, one newline at the end; invalid UTF-8 is replaced, never thrown.
std::string write_json(const Json& json);

/// Errors: "json-parse" with file:line:col, "json-depth" (deeper than 64), "json-twice" (two values for one field).
Result<Json> parse_json(std::string_view text, const std::string& file);

/// Reads one JSON object. The first thing that is wrong is kept, everything after it is skipped; ask `finish()` at the
/// end:
///     ObjectReader r(json, file);  m.name = r.string("name");  LF_TRY(r.finish());
/// A field that was never asked for is an error ("json-unknown-field", with did-you-mean), so is a missing one.
class ObjectReader {
  public:
    ObjectReader(const Json& json, std::string file, std::string path = {});
    std::string string(const std::string& key);
    std::optional<std::string> optional_string(const std::string& key);  ///< null = nullopt; the field must be there
    bool boolean(const std::string& key);
    std::optional<bool> optional_boolean(const std::string& key);
    std::int64_t integer(const std::string& key, std::int64_t least, std::int64_t most);
    std::optional<std::int64_t> optional_integer(const std::string& key, std::int64_t least, std::int64_t most);
    double number(const std::string& key);
    std::vector<std::string> strings(const std::string& key);
    /// The value itself, for nested reading; null JSON after an error.
    const Json& value(const std::string& key);
    /// Is the field there (null counts)? Marks it as known.
    bool has(const std::string& key);
    /// Calls `each` for every element of the array `key`, with the element and its path.
    void each(const std::string& key, const std::function<Done(const Json&, const std::string& path)>& each);
    /// Takes over an error that a nested reader found.
    void take(Done done);
    /// Says that the field `key` is wrong.
    void reject(const std::string& key, std::string id, std::string message, std::string hint = {});
    /// schema and version of a document of ours. Errors: "schema-name", "schema-version".
    void schema(std::string_view name, std::int64_t version);
    /// The path of a field, as "/cpu/features".
    std::string path_of(const std::string& key) const { return path_ + "/" + key; }
    const std::string& file() const { return file_; }
    Done finish();

  private:
    const Json* find(const std::string& key, bool (Json::*is)() const noexcept, std::string_view what);
    const Json& json_;
    std::string file_;
    std::string path_;
    std::set<std::string> known_;
    std::optional<Error> error_;
};

}  // namespace lf
