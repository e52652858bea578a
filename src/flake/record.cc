// SPDX-License-Identifier: MIT
#include "flake/record.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "flake/sources.h"

namespace lf::flake {
namespace {

constexpr std::string_view kSchema = "llama-fleet/edits";
constexpr std::int64_t kVersion = 1;
constexpr int kContextLines = 3;
constexpr std::size_t kHashDigits = 64;
constexpr std::array<std::string_view, 4> kDeeds{"edited", "made", "replaced", "deleted"};

// ---- texts: JSON holds UTF-8 only, a file of the owner's may hold anything ----

bool is_utf8(const std::string& text) {
    try {
        (void)Json(text).dump();
        return true;
    } catch (const Json::exception&) {
        return false;
    }
}

/// Each byte as the character of that number (Latin-1), in UTF-8.
std::string as_characters(std::string_view bytes) {
    std::string out;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) out += c;
        else (out += static_cast<char>(0xc0 | (byte >> 6))) += static_cast<char>(0x80 | (byte & 0x3f));
    }
    return out;
}

std::optional<std::string> as_bytes(std::string_view characters) {
    std::string out;
    for (std::size_t i = 0; i < characters.size(); ++i) {
        const auto first = static_cast<unsigned char>(characters[i]);
        if (first < 0x80) {
            out += characters[i];
            continue;
        }
        if ((first != 0xc2 && first != 0xc3) || i + 1 == characters.size()) return std::nullopt;
        out += static_cast<char>(((first & 3) << 6) | (static_cast<unsigned char>(characters[++i]) & 0x3f));
    }
    return out;
}

template <class File, class Visit>
void each_text(File& file, const Visit& visit) {
    visit(file.text);
    for (auto& edit : file.edits)
        for (auto* text : {&edit.removed, &edit.inserted, &edit.above, &edit.below}) visit(*text);
}

// ---- out ----

Json json_of(const RecordedEdit& edit) {
    return {{"offset", edit.offset},     {"line", edit.line},   {"removed", edit.removed},
            {"inserted", edit.inserted}, {"above", edit.above}, {"below", edit.below}};
}

Json json_of(RecordedFile file) {
    bool utf8 = true;
    each_text(file, [&](const std::string& text) { utf8 = utf8 && is_utf8(text); });
    if (!utf8) each_text(file, [](std::string& text) { text = as_characters(text); });
    Json out{{"path", file.path}, {"deed", kDeeds[static_cast<std::size_t>(file.deed)]}};
    if (file.deed != Deed::made) {
        out["before"] = file.before;
        out["encoding"] = utf8 ? "utf-8" : "latin-1";
    }
    if (file.deed != Deed::deleted) out["after"] = file.after;
    if (file.deed == Deed::replaced || file.deed == Deed::deleted) out["text"] = file.text;
    if (file.deed == Deed::deleted) out["mode"] = fmt::format("{:04o}", file.mode);
    if (file.deed == Deed::edited) {
        out["edits"] = Json::array();
        for (const RecordedEdit& edit : file.edits) out["edits"].push_back(json_of(edit));
    }
    return out;
}

// ---- in: hostile until shown otherwise ----

/// fit edits Nix files and writes JSON of its own, nothing else, and nothing hidden.
bool could_be_ours(const std::string& path) {
    if (path.empty() || normal_path(path) != path || path == kRecordFile) return false;
    if (path.find_first_of(std::string_view("\0\n\\", 3)) != std::string::npos) return false;
    for (const std::string_view part : split(path, '/'))
        if (part.starts_with('.')) return false;
    return path.ends_with(".nix") || (path.starts_with("llama-fleet/") && path.ends_with(".json"));
}

bool is_hash(std::string_view text) {
    return text.size() == kHashDigits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string read_hash(ObjectReader& reader, const std::string& key) {
    std::string hash = reader.string(key);
    if (!is_hash(hash)) reader.reject(key, "edits-hash", "expected a SHA-256 as 64 hex digits");
    return hash;
}

Deed read_deed(ObjectReader& reader) {
    const std::string name = reader.string("deed");
    const auto it = std::find(kDeeds.begin(), kDeeds.end(), name);
    if (it == kDeeds.end()) {
        reader.reject("deed", "json-value", "expected edited, made, replaced or deleted");
        return Deed::made;
    }
    return static_cast<Deed>(it - kDeeds.begin());
}

std::uint32_t read_mode(ObjectReader& reader) {
    const std::string text = reader.string("mode");
    const auto mode = parse_unsigned(text, 8);
    if (text.size() != 4 || !mode || *mode > 0777) {
        reader.reject("mode", "edits-mode", "expected permissions such as 0644");
        return 0644;
    }
    return static_cast<std::uint32_t>(*mode);
}

void read_edits(ObjectReader& reader, RecordedFile& file) {
    reader.each("edits", [&](const Json& element, const std::string& path) -> Done {
        ObjectReader one(element, reader.file(), path);
        constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
        RecordedEdit edit;
        edit.offset = static_cast<std::uint32_t>(one.integer("offset", 0, kMost));
        edit.line = static_cast<std::uint32_t>(one.integer("line", 1, kMost));
        edit.removed = one.string("removed");
        edit.inserted = one.string("inserted");
        edit.above = one.string("above");
        edit.below = one.string("below");
        if (edit.removed == edit.inserted) one.reject("inserted", "edits-order", "an edit that changes nothing");
        LF_TRY(one.finish());
        file.edits.push_back(std::move(edit));
        return {};
    });
}

/// Texts as bytes; then the spans have the sizes that the order of the edits is judged by.
void decode(ObjectReader& reader, RecordedFile& file) {
    const std::string encoding = reader.string("encoding");
    bool good = encoding == "utf-8" || encoding == "latin-1";
    if (encoding == "latin-1")
        each_text(file, [&](std::string& text) {
            const auto bytes = as_bytes(text);
            good = good && bytes.has_value();
            text = bytes.value_or("");
        });
    if (!good) reader.reject("encoding", "edits-bytes", "expected utf-8, or latin-1 with no character above U+00FF");
    std::uint64_t end = 0;
    for (const RecordedEdit& edit : file.edits) {
        if (edit.offset < end) reader.reject("edits", "edits-order", "the edits overlap or are not in order");
        end = std::uint64_t{edit.offset} + edit.inserted.size();
    }
}

Result<RecordedFile> read_one(const Json& json, const std::string& from, const std::string& at) {
    ObjectReader reader(json, from, at);
    RecordedFile file;
    file.path = reader.string("path");
    if (!could_be_ours(file.path))
        reader.reject("path", "edits-path", fmt::format("'{}' is no file that fit touches", printable(file.path)));
    file.deed = read_deed(reader);
    if (file.deed != Deed::made) file.before = read_hash(reader, "before");
    if (file.deed != Deed::deleted) file.after = read_hash(reader, "after");
    if (file.deed == Deed::replaced || file.deed == Deed::deleted) file.text = reader.string("text");
    if (file.deed == Deed::deleted) file.mode = read_mode(reader);
    if (file.deed == Deed::edited) read_edits(reader, file);
    if (file.deed != Deed::made) decode(reader, file);
    LF_TRY(reader.finish());
    if ((file.deed == Deed::replaced || file.deed == Deed::deleted) && sha256_hex(file.text) != file.before)
        reader.reject("before", "edits-hash", "not the hash of the text beside it");
    LF_TRY(reader.finish());
    return file;
}

Result<Layer> read_layer(const Json& json, const std::string& from, const std::string& at) {
    ObjectReader reader(json, from, at);
    Layer layer;
    std::set<std::string> seen;
    reader.each("files", [&](const Json& element, const std::string& path) -> Done {
        LF_ASSIGN(RecordedFile file, read_one(element, from, path));
        if (!seen.insert(file.path).second) {
            Error error = world_error("edits-twice", fmt::format("{} stands twice in one layer", printable(file.path)));
            error.where.file = from;
            error.where.json_path = path;
            return fail(std::move(error));
        }
        layer.files.push_back(std::move(file));
        return {};
    });
    LF_TRY(reader.finish());
    return layer;
}

// ---- making one ----

/// Where up to three whole lines before `offset`, and the part of its own line, begin.
std::size_t context_begin(std::string_view text, std::size_t offset) {
    std::size_t begin = offset;
    for (int line = 0; line <= kContextLines && begin > 0; ++line) {
        if (line > 0) --begin;  // over the newline
        const std::size_t newline = begin == 0 ? std::string_view::npos : text.rfind('\n', begin - 1);
        begin = newline == std::string_view::npos ? 0 : newline + 1;
    }
    return begin;
}

std::size_t context_end(std::string_view text, std::size_t offset) {
    std::size_t end = offset;
    for (int line = 0; line <= kContextLines && end < text.size(); ++line) {
        const std::size_t newline = text.find('\n', end);
        end = newline == std::string_view::npos ? text.size() : newline + 1;
    }
    return end;
}

std::vector<RecordedEdit> recorded_edits(std::string_view before, std::string_view after,
                                         const std::vector<nixsyntax::Edit>& edits) {
    std::vector<RecordedEdit> out;
    std::int64_t shift = 0;
    for (const nixsyntax::Edit& edit : edits) {
        RecordedEdit one;
        one.offset = static_cast<std::uint32_t>(edit.span.begin + shift);
        one.removed = std::string(before.substr(edit.span.begin, edit.span.size()));
        one.inserted = edit.text;
        const std::size_t end = one.offset + edit.text.size();
        const std::size_t above = context_begin(after, one.offset);
        one.above = std::string(after.substr(above, one.offset - above));
        one.below = std::string(after.substr(end, context_end(after, end) - end));
        one.line = static_cast<std::uint32_t>(1 + std::count(after.begin(), after.begin() + one.offset, '\n'));
        shift += static_cast<std::int64_t>(edit.text.size()) - edit.span.size();
        out.push_back(std::move(one));
    }
    return out;
}

}  // namespace

std::string record_json(const Record& record) {
    Json layers = Json::array();
    for (const Layer& layer : record.layers) {
        Json files = Json::array();
        for (const RecordedFile& file : layer.files) files.push_back(json_of(file));
        layers.push_back({{"files", std::move(files)}});
    }
    return write_json({{"schema", kSchema}, {"version", kVersion}, {"layers", std::move(layers)}});
}

Result<Record> record_from_json(std::string_view text, const std::string& file) {
    LF_ASSIGN(const Json json, parse_json(text, file));
    Record record;
    ObjectReader reader(json, file);
    reader.schema(kSchema, kVersion);
    reader.each("layers", [&](const Json& element, const std::string& path) -> Done {
        LF_ASSIGN(record.layers.emplace_back(), read_layer(element, file, path));
        return {};
    });
    LF_TRY(reader.finish());
    return record;
}

Result<Record> read_record(const FileSource& files) {
    const std::string path = fmt::format("/{}", kRecordFile);
    if (!files.exists(path)) return Record{};
    auto bytes = files.read(path);
    auto record = bytes ? record_from_json(*bytes, std::string(kRecordFile)) : fail(bytes.error());
    if (record) return record;
    Error error = std::move(record.error());
    error.where.file = kRecordFile;
    error.hint =
        fmt::format("{}{}it is what fit has done here, for fit --undo: bring it back with git, or move it away",
                    error.hint, error.hint.empty() ? "" : "\n");
    return fail(std::move(error));
}

RecordedFile recorded(const FileChange& change, const std::vector<nixsyntax::Edit>* edits, std::uint32_t mode) {
    RecordedFile out;
    out.path = change.path;
    out.deed = !change.before ? Deed::made : !change.after ? Deed::deleted : edits ? Deed::edited : Deed::replaced;
    if (change.before) out.before = sha256_hex(*change.before);
    if (change.after) out.after = sha256_hex(*change.after);
    if (out.deed == Deed::edited) out.edits = recorded_edits(*change.before, *change.after, *edits);
    if (out.deed == Deed::deleted || out.deed == Deed::replaced) out.text = *change.before;
    if (out.deed == Deed::deleted) out.mode = mode & 0777;
    return out;
}

bool made_by_fit(const Record& record, std::string_view path) {
    for (auto layer = record.layers.rbegin(); layer != record.layers.rend(); ++layer)
        for (const RecordedFile& file : layer->files)
            if (file.path == path && file.deed != Deed::edited) return file.deed == Deed::made;
    return false;
}

}  // namespace lf::flake
