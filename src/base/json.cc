// SPDX-License-Identifier: MIT
#include "base/json.h"

#include <fmt/format.h>

#include "base/text.h"

namespace lf {
namespace {

constexpr int kMaxDepth = 64;

Error error_at(std::string id, const std::string& file, const std::string& path, std::string message,
               std::string hint = {}) {
    Error error = world_error(std::move(id), std::move(message), std::move(hint));
    error.where.file = file;
    error.where.json_path = path;
    return error;
}

const Json& null_json() {
    static const Json null;
    return null;
}

/// nlohmann's text is "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error …": keep the
/// reason.
std::string reason_of(const Json::parse_error& error) {
    const std::string_view what = error.what();
    const std::size_t colon = what.find(": ");
    constexpr std::size_t kEnough = 200;  // it quotes the token that it stopped in, which may be megabytes long
    return printable((colon == std::string_view::npos ? what : what.substr(colon + 2)).substr(0, kEnough));
}

/// Sees every event of a parse: ends what nests too deep, notices keys that stand twice in one object.
class Watch {
  public:
    bool operator()(int depth, Json::parse_event_t event, const Json& parsed) {
        too_deep_ |= depth > kMaxDepth;
        if (too_deep_) return false;
        if (event == Json::parse_event_t::object_start) keys_.emplace_back();
        if (event == Json::parse_event_t::object_end) keys_.pop_back();
        if (event == Json::parse_event_t::key && !keys_.back().insert(parsed.get<std::string>()).second && !twice_)
            twice_ = parsed.get<std::string>();
        return true;
    }
    bool too_deep() const { return too_deep_; }
    const std::optional<std::string>& twice() const { return twice_; }

  private:
    std::vector<std::set<std::string>> keys_;  // of the objects that are open
    std::optional<std::string> twice_;
    bool too_deep_ = false;
};

}  // namespace

std::string write_json(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

Result<Json> parse_json(std::string_view text, const std::string& file) {
    Watch watch;
    try {
        Json json = Json::parse(
            text, [&](int depth, Json::parse_event_t event, Json& parsed) { return watch(depth, event, parsed); });
        if (watch.too_deep())
            return fail(error_at("json-depth", file, "", fmt::format("nested deeper than {}", kMaxDepth)));
        if (watch.twice())
            return fail(error_at("json-twice", file, "",
                                 fmt::format("the field '{}' stands twice in one object", printable(*watch.twice()))));
        return json;
    } catch (const Json::parse_error& error) {
        const std::size_t offset = error.byte > 0 ? error.byte - 1 : 0;
        return fail(at_offset(world_error("json-parse", "not valid JSON: " + reason_of(error)), file, text, offset));
    } catch (const Json::exception&) {  // out_of_range.406: "1e999"
        return fail(error_at("json-parse", file, "", "not valid JSON: a number is too large"));
    }
}

ObjectReader::ObjectReader(const Json& json, std::string file, std::string path)
    : json_(json), file_(std::move(file)), path_(std::move(path)) {
    if (!json_.is_object())
        error_ = error_at("json-type", file_, path_, fmt::format("expected an object, got {}", json_.type_name()));
}

const Json* ObjectReader::find(const std::string& key, bool (Json::*is)() const noexcept, std::string_view what) {
    known_.insert(key);
    if (error_) return nullptr;
    const auto found = json_.find(key);
    if (found == json_.end()) {
        reject(key, "json-missing-field", fmt::format("missing field '{}' ({})", key, what));
        return nullptr;
    }
    if (!((*found).*is)()) {
        reject(key, "json-type", fmt::format("expected {}, got {}", what, found->type_name()));
        return nullptr;
    }
    return &*found;
}

void ObjectReader::reject(const std::string& key, std::string id, std::string message, std::string hint) {
    known_.insert(key);
    if (!error_) error_ = error_at(std::move(id), file_, path_of(key), std::move(message), std::move(hint));
}

std::string ObjectReader::string(const std::string& key) {
    const Json* found = find(key, &Json::is_string, "a string");
    return found != nullptr ? found->get<std::string>() : std::string();
}

bool ObjectReader::has(const std::string& key) {
    known_.insert(key);
    return !error_ && json_.contains(key);
}

namespace {
bool is_null_at(const Json& json, const std::string& key) {
    const auto found = json.is_object() ? json.find(key) : json.end();
    return found != json.end() && found->is_null();
}
}  // namespace

std::optional<std::string> ObjectReader::optional_string(const std::string& key) {
    known_.insert(key);
    if (is_null_at(json_, key)) return std::nullopt;
    return string(key);
}

bool ObjectReader::boolean(const std::string& key) {
    const Json* found = find(key, &Json::is_boolean, "true or false");
    return found != nullptr && found->get<bool>();
}

std::optional<bool> ObjectReader::optional_boolean(const std::string& key) {
    known_.insert(key);
    if (is_null_at(json_, key)) return std::nullopt;
    return boolean(key);
}

std::int64_t ObjectReader::integer(const std::string& key, std::int64_t least, std::int64_t most) {
    const Json* found = find(key, &Json::is_number_integer, "a whole number");
    if (found == nullptr) return least;
    const bool huge =
        found->is_number_unsigned() && found->get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX);
    const std::int64_t value = huge ? INT64_MAX : found->get<std::int64_t>();
    if (huge || value < least || value > most) {
        reject(key, "json-range",
               fmt::format("expected a whole number from {} to {}, got {}", least, most, found->dump()));
        return least;
    }
    return value;
}

std::optional<std::int64_t> ObjectReader::optional_integer(const std::string& key, std::int64_t least,
                                                           std::int64_t most) {
    known_.insert(key);
    if (is_null_at(json_, key)) return std::nullopt;
    return integer(key, least, most);
}

double ObjectReader::number(const std::string& key) {
    const Json* found = find(key, &Json::is_number, "a number");
    return found != nullptr ? found->get<double>() : 0;
}

std::vector<std::string> ObjectReader::strings(const std::string& key) {
    std::vector<std::string> out;
    each(key, [&](const Json& element, const std::string& path) -> Done {
        if (!element.is_string())
            return fail(
                error_at("json-type", file_, path, fmt::format("expected a string, got {}", element.type_name())));
        out.push_back(element.get<std::string>());
        return {};
    });
    return out;
}

const Json& ObjectReader::value(const std::string& key) {
    known_.insert(key);
    if (error_) return null_json();
    const auto found = json_.find(key);
    if (found != json_.end()) return *found;
    reject(key, "json-missing-field", fmt::format("missing field '{}'", key));
    return null_json();
}

void ObjectReader::each(const std::string& key, const std::function<Done(const Json&, const std::string& path)>& each) {
    const Json* found = find(key, &Json::is_array, "an array");
    if (found == nullptr) return;
    for (std::size_t i = 0; i < found->size() && !error_; ++i)
        take(each((*found)[i], fmt::format("{}/{}", path_of(key), i)));
}

void ObjectReader::take(Done done) {
    if (!done && !error_) error_ = std::move(done.error());
}

void ObjectReader::schema(std::string_view name, std::int64_t version) {
    const std::string got_name = string("schema");
    const std::int64_t got_version = integer("version", 0, INT64_MAX);
    if (!error_ && got_name != name)
        reject("schema", "schema-name", fmt::format("expected the schema '{}', got '{}'", name, printable(got_name)));
    if (!error_ && got_version != version)
        reject(
            "version", "schema-version",
            fmt::format("{} version {} cannot be read: this llama-fleet knows version {}", name, got_version, version),
            got_version > version ? "it was written by a newer llama-fleet: update this one"
                                  : "it was written by an older llama-fleet: make it again");
}

Done ObjectReader::finish() {
    if (error_) return fail(*error_);
    const std::vector<std::string> known(known_.begin(), known_.end());
    for (const auto& item : json_.items()) {
        if (known_.contains(item.key())) continue;
        const auto near = did_you_mean(item.key(), known);
        return fail(error_at("json-unknown-field", file_, printable(path_of(item.key())),
                             fmt::format("unknown field '{}'", printable(item.key())),
                             near ? fmt::format("did you mean '{}'?", *near) : ""));
    }
    return {};
}

}  // namespace lf
