// SPDX-License-Identifier: MIT
#include "fleet/stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "probe/nix_settings.h"

namespace lf::fleet {
namespace {

constexpr std::string_view kFirstLine = "llama-fleet stream 1";
constexpr std::string_view kLastLine = "end";
constexpr std::size_t kMaxTalk = 1 << 16;  // before the first line
constexpr std::size_t kMaxEntries = 1 << 17;
constexpr std::size_t kMaxPath = 512;
constexpr std::size_t kMaxDepth = 32;

Error stream_error(std::string id, std::string message) {
    return world_error(std::move(id), std::move(message), "see what the machine says to: ssh DEST sh -c true");
}

/// Absolute, no empty part, no "." or "..", printable ASCII.
bool is_path(std::string_view path) {
    if (path.size() < 2 || path.size() > kMaxPath || path.front() != '/') return false;
    if (std::any_of(path.begin(), path.end(), [](char c) { return c < 0x21 || c > 0x7e; })) return false;
    const std::vector<std::string_view> parts = split(path.substr(1), '/');
    if (parts.size() > kMaxDepth) return false;
    return std::none_of(parts.begin(), parts.end(),
                        [](std::string_view part) { return part.empty() || part == "." || part == ".."; });
}

bool is_name(std::string_view name) {
    return !name.empty() && name.size() < 32 &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz.-") == std::string_view::npos && name.front() != '.';
}

std::optional<std::string> from_hex(std::string_view text) {
    std::string out;
    for (const std::string_view line : lines(text)) {
        for (const std::string_view word : split(line, ' ')) {
            if (word.empty()) continue;
            const auto byte = word.size() == 2 ? parse_unsigned(word, 16) : std::nullopt;
            if (!byte) return std::nullopt;
            out += static_cast<char>(*byte);
        }
    }
    return out;
}

/// One header line and the content below it, put where it belongs.
class Entries {
  public:
    explicit Entries(StreamedFiles& files) : files_(files) {}

    Done header(std::string_view line) {
        LF_TRY(finish());
        if (++count_ > kMaxEntries) return fail(stream_error("stream-too-large", "more files than a machine has"));
        const std::string_view name = line.substr(std::min<std::size_t>(2, line.size()));
        const bool known = line.size() > 2 && line[1] == ' ' && kKinds.find(line[0]) != std::string_view::npos;
        const bool named = known && (line[0] == 'a' || line[0] == 'c' ? is_name(name) : is_path(name));
        if (!named)
            return fail(
                stream_error("stream-form", fmt::format("no line of a capture: {}", printable(line.substr(0, 80)))));
        kind_ = line[0];
        name_ = name;
        return {};
    }
    void content(std::string_view line) {
        text_ += line;
        text_ += '\n';
    }
    Done finish() {
        const char kind = std::exchange(kind_, ' ');
        const std::string text = std::exchange(text_, {});
        if (kind == 'f') files_.add_file(name_, text);
        if (kind == 'l') files_.add_link(name_, std::string(trim(text).substr(0, kMaxPath)));
        if (kind == 'e') files_.add_name(name_);
        if (kind == 'd') files_.add_denied(name_);
        if (kind == 'a') answers_[name_] += text;
        if (kind == 'c')
            if (const auto said = probe::allow_unfree_in(text)) answers_["unfree"] += "configuration " + *said + "\n";
        if (kind != 'x') return {};
        auto bytes = from_hex(text);
        if (!bytes) return fail(stream_error("stream-form", "not hexadecimal: " + printable(name_)));
        files_.add_file(name_, std::move(*bytes));
        return {};
    }
    void store_answers() {
        for (auto& [name, text] : answers_) files_.add_file("/answers/" + name, std::move(text));
    }

  private:
    static constexpr std::string_view kKinds = "flxeadc";
    StreamedFiles& files_;
    std::map<std::string, std::string> answers_;
    char kind_ = ' ';
    std::string name_, text_;
    std::size_t count_ = 0;
};

/// The text after the first line. A login shell may have written a title or a prompt without a newline in front of it.
std::optional<std::string_view> after_talk(std::string_view text) {
    std::size_t at = 0;
    while (at < std::min(text.size(), kMaxTalk)) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        if (text.substr(at, end - at).ends_with(kFirstLine)) return text.substr(std::min(end + 1, text.size()));
        at = end + 1;
    }
    return std::nullopt;
}

Error missing(const std::string& path) {
    Error error = world_error("file-missing", "cannot read: No such file or directory");
    error.where.file = path;
    return error;
}

}  // namespace

Result<std::string> StreamedFiles::read(const std::string& path) const {
    const auto found = texts_.find(path);
    if (found != texts_.end()) return found->second;
    Error error = missing(path);
    if (denied_.contains(path)) {
        error.id = "file-unreadable";
        error.message = "cannot read: Permission denied";
    }
    return fail(std::move(error));
}

Result<std::vector<std::string>> StreamedFiles::list(const std::string& path) const {
    const auto found = folders_.find(path == "/" ? "" : path);
    if (found == folders_.end()) {
        Error error = missing(path);
        error.id = "file-unreadable";
        error.message = "cannot list: No such file or directory";
        return fail(std::move(error));
    }
    return std::vector<std::string>(found->second.begin(), found->second.end());
}

Result<std::string> StreamedFiles::read_link(const std::string& path) const {
    const auto found = links_.find(path);
    if (found == links_.end()) return fail(missing(path));
    return found->second;
}

bool StreamedFiles::exists(const std::string& path) const {
    return texts_.contains(path) || links_.contains(path) || folders_.contains(path == "/" ? "" : path) ||
           denied_.contains(path);
}

void StreamedFiles::add_file(const std::string& path, std::string text) {
    add_name(path);
    texts_[path] = std::move(text);
    folders_.erase(path);
}

void StreamedFiles::add_link(const std::string& path, std::string target) {
    add_name(path);
    links_[path] = std::move(target);
    folders_.erase(path);
}

void StreamedFiles::add_denied(const std::string& path) {
    add_name(path);
    denied_.insert(path);
    folders_.erase(path);
}

void StreamedFiles::add_name(const std::string& path) {
    folders_[path];
    for (std::string child = path; !child.empty();) {
        const std::size_t slash = child.rfind('/');
        if (!folders_[child.substr(0, slash)].insert(child.substr(slash + 1)).second) return;
        child.resize(slash);
    }
}

Result<std::unique_ptr<StreamedFiles>> parse_stream(std::string_view text) {
    if (text.size() > kMaxStreamBytes) return fail(stream_error("stream-too-large", "more than 8 MiB came back"));
    const auto stream = after_talk(text);
    if (!stream) return fail(stream_error("stream-missing", "the machine's shell did not run the capture"));
    auto files = std::make_unique<StreamedFiles>();
    Entries entries(*files);
    for (const std::string_view line : lines(*stream)) {
        if (line == kLastLine) {
            LF_TRY(entries.finish());
            entries.store_answers();
            return files;
        }
        if (line.empty()) continue;
        if (line.front() == ' ') entries.content(line.substr(1));
        else LF_TRY(entries.header(line));
    }
    return fail(stream_error("stream-cut-off", "the machine's answer ends in the middle"));
}

}  // namespace lf::fleet
