// SPDX-License-Identifier: MIT
#include "check/built.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "audit/find_files.h"
#include "base/text.h"

namespace lf::check {
namespace {

constexpr std::size_t kMostPaths = 64;  // of one build; a closure that names more of them is no llama.cpp

/// The hash, which tells nothing: "/nix/store/<32 letters>-".
constexpr std::size_t kBeforeName = 44;

std::string_view name_of(std::string_view store_path) {
    return store_path.size() > kBeforeName ? store_path.substr(kBeforeName) : std::string_view();
}

/// llama.cpp's own part of the closures of all outputs, each once.
Result<std::vector<std::string>> own_paths(Nix& nix, const std::vector<std::string>& outputs,
                                           std::chrono::milliseconds time_limit, std::string& why) {
    std::vector<std::string> out;
    for (const std::string& output : outputs) {
        auto closure = nix.closure(output, time_limit);
        if (!closure && closure.error().id == "interrupted") return fail(std::move(closure.error()));
        if (!closure) why = printable(closure.error().message);
        if (!closure || !*closure) continue;
        for (std::string& path : **closure) {
            const bool known = std::find(out.begin(), out.end(), path) != out.end();
            if (!known && (path == output || is_llama_path(path)) && out.size() < kMostPaths)
                out.push_back(std::move(path));
        }
    }
    return out;
}

/// The files of another store path are named from the first one's folder, beside which it lies.
void take(audit::BuildAudit& build, audit::BuildAudit part, bool own) {
    const std::string folder = part.path.substr(part.path.rfind('/') + 1);
    for (audit::FileAudit& file : part.files) {
        if (!own) file.path = fmt::format("../{}/{}", folder, file.path);
        build.files.push_back(std::move(file));
    }
    build.notes.insert(build.notes.end(), part.notes.begin(), part.notes.end());
    build.bytes += part.bytes;
    build.seconds += part.seconds;
}

}  // namespace

bool is_llama_path(std::string_view store_path) { return audit::is_llama_name(name_of(store_path)); }

Result<Built> look_into(Nix& nix, const std::vector<std::string>& outputs, std::chrono::milliseconds time_limit) {
    Built built;
    if (outputs.empty()) return built;
    built.audit.path = nix.place_of(outputs.front());
    built.audit.folder = true;
    LF_ASSIGN(built.from, own_paths(nix, outputs, time_limit, built.why));
    built.here = !built.from.empty();
    for (const std::string& path : built.from) {
        auto part = audit::audit_path(nix.place_of(path), false);  // what it leads to is in the closure
        if (part) take(built.audit, std::move(*part), path == outputs.front());
        else if (part.error().id == "interrupted") return fail(std::move(part.error()));
        else if (part.error().id != "audit-empty") built.audit.notes.push_back(printable(part.error().message));
    }
    if (built.here && built.audit.files.empty() && built.why.empty()) {
        built.why = built.audit.notes.empty() ? "it holds no ELF file" : built.audit.notes.front();
    }
    return built;
}

}  // namespace lf::check
