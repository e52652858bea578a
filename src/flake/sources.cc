// SPDX-License-Identifier: MIT
#include "flake/sources.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "flake/spans.h"

namespace lf::flake {
namespace {

// A module is text that a person wrote; whatever is larger is no module, and not worth the memory.
constexpr std::size_t kMaxNixBytes = std::size_t{8} << 20;
constexpr std::size_t kMaxNixFiles = 20000;
constexpr int kMaxFolderDepth = 16;
constexpr int kMaxLinks = 40;  // the kernel follows no more

}  // namespace

std::optional<std::string> normal_path(std::string_view path) {
    std::vector<std::string> parts;
    for (const std::string_view part : split(path, '/')) {
        if (part.empty() || part == ".") continue;
        if (part != "..") parts.emplace_back(part);
        else if (parts.empty()) return std::nullopt;
        else parts.pop_back();
    }
    return join(parts, "/");
}

std::string folder_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string() : std::string(path.substr(0, slash));
}

std::string path_literal(std::string_view from, std::string_view to) {
    const std::string folder = folder_of(from);
    auto up = split(folder, '/');
    if (folder.empty()) up.clear();
    const auto down = split(to, '/');
    std::size_t same = 0;
    while (same < up.size() && same + 1 < down.size() && up[same] == down[same]) ++same;
    std::string out = same == up.size() ? "./" : "";
    for (std::size_t i = same; i < up.size(); ++i) out += "../";
    for (std::size_t i = same; i < down.size(); ++i) out.append(i > same ? "/" : "").append(down[i]);
    return out;
}

Sources::File& Sources::file(const std::string& path) {
    const auto [it, fresh] = known_.try_emplace(path);
    File& file = it->second;
    if (!fresh) return file;
    auto bytes = files_.read("/" + path);
    if (bytes && bytes->size() <= kMaxNixBytes) {
        file.before = *bytes;
        file.now = std::move(*bytes);
    } else if (bytes) {
        file.error = world_error("file-too-large", "larger than any Nix file that a person writes");
        file.error->where.file = path;
    } else {
        file.error = std::move(bytes.error());
        file.error->where.file = path;
    }
    return file;
}

Result<const nixsyntax::Tree*> Sources::tree(const std::string& path) {
    File& it = file(path);
    if (!it.tree && !it.error) {
        auto parsed = nixsyntax::parse(*it.now, path);
        if (parsed) it.tree = std::make_unique<nixsyntax::Tree>(std::move(*parsed));
        else it.error = std::move(parsed.error());
    }
    if (it.error) return fail(*it.error);
    return it.tree.get();
}

const nixsyntax::Tree* Sources::tree_or_null(const std::string& path) {
    const auto found = tree(path);
    return found ? *found : nullptr;
}

std::optional<std::string> Sources::text(const std::string& path) { return file(path).now; }

bool Sources::exists(const std::string& path) {
    const auto it = known_.find(path);
    return it != known_.end() && it->second.now ? true : files_.exists("/" + path);
}

bool Sources::is_folder(const std::string& path) {
    const auto [it, fresh] = folders_.try_emplace(path, false);
    if (fresh) it->second = files_.exists("/" + path) && files_.list("/" + path).has_value();
    return it->second;
}

std::vector<std::pair<std::string, std::string>> Sources::read_folder(const std::string& path) {
    std::vector<std::pair<std::string, std::string>> out;
    const auto names = files_.list("/" + path);
    if (!names) return out;
    for (const std::string& name : *names) {
        const std::string inside = path.empty() ? name : fmt::format("{}/{}", path, name);
        const char* kind = files_.read_link("/" + inside) ? "symlink" : is_folder(inside) ? "directory" : "regular";
        out.emplace_back(name, kind);
    }
    return out;
}

const std::optional<std::string>& Sources::link_at(const std::string& path) {
    const auto [it, fresh] = links_.try_emplace(path);
    if (!fresh) return it->second;
    if (auto target = files_.read_link("/" + path)) it->second = std::move(*target);
    return it->second;
}

bool Sources::leads_out(const std::string& path) {
    std::vector<std::string> todo{path};
    std::vector<std::string> done;
    for (int links = 0; !todo.empty();) {
        const std::string now = std::move(todo.back());
        todo.pop_back();
        const std::size_t slash = now.find('/');
        if (slash != std::string::npos) todo.push_back(now.substr(slash + 1));
        const std::string part = now.substr(0, slash);
        if (part.empty() || part == ".") continue;
        if (part == "..") {
            if (done.empty()) return true;
            done.pop_back();
            continue;
        }
        done.push_back(part);
        const std::optional<std::string>& target = link_at(join(done, "/"));
        if (!target) continue;
        if (target->starts_with('/') || ++links > kMaxLinks) return true;
        done.pop_back();
        todo.push_back(*target);
    }
    return false;
}

/// Where a link leads, then what it leads to, and so on. Folders on the way stay as they are called: Nix counts the
/// paths of a file from there.
std::optional<std::string> Sources::followed(std::string path) {
    if (leads_out(path)) return std::nullopt;
    for (int links = 0; links <= kMaxLinks; ++links) {
        const std::optional<std::string>& target = link_at(path);
        if (!target) return path;
        auto next = normal_path(folder_of(path) + "/" + *target);
        if (!next) return std::nullopt;
        path = std::move(*next);
    }
    return std::nullopt;
}

std::optional<std::string> Sources::nix_file(const std::string& from, std::string_view literal) {
    const auto named =
        normal_path(literal.starts_with('/') ? std::string(literal) : folder_of(from) + "/" + std::string(literal));
    const auto path = named ? followed(*named) : std::nullopt;
    if (!path) return std::nullopt;
    if (path->ends_with(".nix") && !is_folder(*path)) return exists(*path) ? path : std::nullopt;
    const std::string inside = path->empty() ? "default.nix" : *path + "/default.nix";
    return is_folder(*path) && exists(inside) ? followed(inside) : std::nullopt;
}

void Sources::list_below(const std::string& folder, int depth) {
    const auto names = files_.list("/" + folder);
    if (!names || depth > kMaxFolderDepth) return;
    for (const std::string& name : *names) {
        if (name.empty() || name.starts_with('.') || all_->size() >= kMaxNixFiles) continue;
        const std::string path = folder.empty() ? name : fmt::format("{}/{}", folder, name);
        if (files_.read_link("/" + path)) continue;
        if (name.ends_with(".nix") && !is_folder(path)) all_->push_back(path);
        else if (name.find('.') == std::string::npos || is_folder(path)) list_below(path, depth + 1);
    }
}

const std::vector<std::string>& Sources::all_nix_files() {
    if (!all_) {
        all_.emplace();
        list_below("", 0);
        std::sort(all_->begin(), all_->end());
    }
    return *all_;
}

Done Sources::edit(const std::string& path, const nixsyntax::EditSet& edits) {
    if (edits.empty()) return {};
    File& it = file(path);
    auto result = nixsyntax::apply_proven(*it.now, edits, path);
    if (!result) {
        Error error = world_error("fit-unproved", "an edit of this program could not be proved, so nothing is changed",
                                  "please report it with the file that it is about");
        error.where.file = path;
        error.causes.push_back(std::move(result.error()));
        return fail(std::move(error));
    }
    it.edits.push_back(edits.sorted(it.now->size()).value_or(std::vector<nixsyntax::Edit>()));
    it.now = std::move(*result);
    it.tree.reset();
    return {};
}

void Sources::write(const std::string& path, std::optional<std::string> text) {
    File& it = file(path);
    it.whole = it.whole || it.now != text;
    it.now = std::move(text);
    it.tree.reset();
    it.error.reset();
    if (!it.now) {
        it.error = world_error("file-missing", "no such file");
        it.error->where.file = path;
    }
}

std::uint32_t Sources::original_line(const std::string& path, std::uint32_t offset) {
    const File& it = file(path);
    std::int64_t at = offset;
    for (auto edits = it.edits.rbegin(); edits != it.edits.rend(); ++edits) {
        std::int64_t shift = 0;  // of the text behind the edits looked at so far
        for (const nixsyntax::Edit& edit : *edits) {
            const std::int64_t begin = edit.span.begin + shift;
            if (at < begin) break;
            const auto size = static_cast<std::int64_t>(edit.text.size());
            if (at < begin + size) {  // our own text: the place where it was put
                at = begin;
                break;
            }
            shift += size - edit.span.size();
        }
        at -= shift;
    }
    const std::string_view before = it.before ? std::string_view(*it.before) : std::string_view();
    return at_offset({}, path, before, static_cast<std::size_t>(std::max<std::int64_t>(at, 0))).where.line;
}

std::vector<FileChange> Sources::changes() const {
    std::vector<FileChange> out;
    for (const auto& [path, file] : known_)
        if (file.before != file.now) out.push_back({path, file.before, file.now});
    return out;
}

std::optional<std::vector<nixsyntax::Edit>> Sources::edits_of(const std::string& path) {
    const File& it = file(path);
    if (it.whole || !it.before || !it.now) return std::nullopt;
    return combined(*it.before, it.edits);
}

}  // namespace lf::flake
