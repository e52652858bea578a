// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <new>
#include <set>
#include <thread>

#include "audit/audit_file.h"
#include "audit/find_files.h"
#include "base/process.h"
#include "base/text.h"

namespace lf::audit {
namespace {

/// A file that needs more memory than there is costs itself only: on a thread, nobody else would catch it.
FileAudit audit_one(const FoundFile& found) try { return audit_file(found); } catch (const std::bad_alloc&) {
    FileAudit out;
    out.path = found.shown;
    out.error = world_error("audit-memory", "there is not enough memory to examine it",
                            "audit it by itself, on a machine with more memory");
    out.error->where.file = found.path;
    out.why_not = out.error->message;
    return out;
}

/// Each file by itself, on as many cores as there are.
void audit_all(const std::vector<FoundFile>& found, std::vector<FileAudit>& out) {
    constexpr unsigned kMostThreads = 16;
    const auto threads =
        std::min<std::size_t>(std::clamp(std::thread::hardware_concurrency(), 1U, kMostThreads), found.size());
    out.resize(found.size());
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (std::size_t i = next++; i < found.size() && !interrupted(); i = next++) out[i] = audit_one(found[i]);
    };
    std::vector<std::jthread> pool;
    pool.reserve(threads);
    for (std::size_t i = 1; i < threads; ++i) pool.emplace_back(work);
    work();
}

/// Names of libraries that the files ask for and that are not among them.
std::set<std::string> outside_libraries(const BuildAudit& build) {
    std::set<std::string> there, wanted;
    for (const FileAudit& file : build.files) {
        there.insert(file.path.substr(file.path.find_last_of('/') + 1));
        if (!file.soname.empty()) there.insert(file.soname);
    }
    for (const FileAudit& file : build.files)
        for (const std::string& name : file.needed)
            if (!there.contains(name)) wanted.insert(name);
    return wanted;
}

void say_outside(BuildAudit& build) {
    const std::set<std::string> names = outside_libraries(build);
    if (names.empty()) return;
    const std::vector<std::string> list(names.begin(), names.end());
    build.notes.push_back(fmt::format("needed, outside, and not looked at: {}", join(list, ", ")));
}

}  // namespace

Result<BuildAudit> audit_path(const std::string& path, bool follow_store) {
    const auto start = std::chrono::steady_clock::now();
    FindLimits limits;
    limits.follow_store = follow_store;
    LF_ASSIGN(Found found, find_files(path, limits));
    BuildAudit out;
    out.path = path;
    out.folder = found.folder;
    out.notes = std::move(found.notes);
    audit_all(found.files, out.files);
    if (interrupted()) return fail(world_error("interrupted", "interrupted"));
    // A single file that cannot be read is no build with an unreadable file in it: it is an error.
    if (!found.folder && out.files.front().error) return fail(*out.files.front().error);
    for (const FileAudit& file : out.files) out.bytes += file.size;
    say_outside(out);
    out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return out;
}

}  // namespace lf::audit
