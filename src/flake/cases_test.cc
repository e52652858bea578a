// SPDX-License-Identifier: MIT
// tests/flake/cases/<case>/: before/ is a repository, after/ the same after fit; or instructions.txt, what the owner
// has to do. WHY.md says in its first line why the case exists. request.json, where it is there, says what is asked
// for:
//     { "plans": { HOST: PACKAGE }, "only": [HOST], "unfree_refused": [HOST], "allow_unfree": bool }
// Without it every host gets a plan: carbon llama-cpp-cuda, boron llama-cpp-cpu, any other llama-cpp-vulkan.
// In after/ the overlay file is the one line kOverlay, and facts, plans and the record of edits are left out.
// LLAMA_FLEET_ACCEPT=1 writes after/ and instructions.txt anew; such a run counts as skipped.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "base/memory_files_test.h"
#include "base/text.h"
#include "flake/fit.h"
#include "flake/fleet.h"
#include "flake/line_ends.h"
#include "flake/overlay_file.h"
#include "flake/record.h"
#include "flake/undo_for_test.h"

namespace lf::flake {
namespace {

namespace fs = std::filesystem;
using Files = std::map<std::string, std::string>;

const std::string kCases = LLAMA_FLEET_SOURCE_DIR "/tests/flake/cases";
constexpr std::string_view kOverlay = "\"the overlay of llama-fleet\"\n";

Files files_below(const fs::path& folder) {
    Files out;
    if (!fs::exists(folder)) return out;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file())
            out[entry.path().lexically_relative(folder).string()] = read_file(entry.path().string()).value();
    return out;
}

plan::Plan plan_for(const std::string& host, const std::string& package) {
    plan::Plan plan;
    plan.host = host;
    plan.system = "x86_64-linux";
    plan.build.package = package;
    return plan;
}

FitRequest read_request(const fs::path& folder, const FileSource& files) {
    FitRequest request;
    request.root = (folder / "before").string();
    Json json = Json::object();
    if (const auto text = read_file((folder / "request.json").string()))
        json = parse_json(*text, "request.json").value();
    std::map<std::string, std::string> packages;
    if (json.contains("plans")) packages = json["plans"].get<std::map<std::string, std::string>>();
    else
        for (const Host& host : read_fleet(files).value_or(Fleet{}).hosts)
            packages[host.name] = host.name == "carbon"  ? "llama-cpp-cuda"
                                  : host.name == "boron" ? "llama-cpp-cpu"
                                                         : "llama-cpp-vulkan";
    for (const auto& [host, package] : packages) {
        request.plans[host] = plan_for(host, package);
        request.facts_json[host] = "{}\n";
        request.plan_json[host] = "{}\n";
    }
    request.only_hosts = json.value("only", std::set<std::string>());
    request.unfree_refused = json.value("unfree_refused", std::set<std::string>());
    request.allow_unfree = json.value("allow_unfree", false);
    return request;
}

Files with_changes(Files files, const std::vector<FileChange>& changes) {
    for (const FileChange& change : changes) {
        const auto it = files.find(change.path);
        EXPECT_EQ(change.before, it == files.end() ? std::nullopt : std::optional(it->second)) << change.path;
        EXPECT_NE(change.before, change.after) << change.path;
        if (change.after) files[change.path] = *change.after;
        else files.erase(change.path);
    }
    return files;
}

/// What the case holds: the overlay's text shortened, our data left out.
Files shown(const Files& files) {
    Files out;
    for (const auto& [path, text] : files)
        if (!path.starts_with("llama-fleet/facts/") && !path.starts_with("llama-fleet/plan/") && path != kRecordFile)
            out[path] = text == overlay_file_text() ? std::string(kOverlay) : text;
    return out;
}

std::string instructions_text(const FitResult& result) {
    std::string out;
    for (const Instruction& it : result.instructions) {
        const bool overlay = it.text == overlay_file_text();
        out += fmt::format("{}:{}: {}\n{}\n", it.file, it.line, it.why,
                           indent(overlay ? "(the overlay)" : it.text, "    "));
    }
    for (const std::string& note : result.notes) out += fmt::format("note: {}\n", note);
    return out;
}

void accept(const fs::path& folder, const Files& files, const FitResult& result, const Files& before) {
    fs::remove_all(folder / "after");
    fs::remove(folder / "instructions.txt");
    if (files != before)
        for (const auto& [path, text] : files) {
            fs::create_directories((folder / "after" / path).parent_path());
            std::ofstream(folder / "after" / path, std::ios::binary) << text;
        }
    if (const std::string text = instructions_text(result); !text.empty())
        std::ofstream(folder / "instructions.txt", std::ios::binary) << text;
}

class Case : public testing::TestWithParam<std::string> {};

TEST_P(Case, fits) {
    const fs::path folder = fs::path(kCases) / GetParam();
    const Files before = files_below(folder / "before");
    ASSERT_FALSE(before.empty());
    // The first line is a reason that stands alone, whichever case was read before.
    const std::string why = files_below(folder)["WHY.md"];
    EXPECT_FALSE(lines(why).empty() || lines(why).front().empty());
    for (const char* leaning : {"The same", "As ", "Also", "Like "}) EXPECT_FALSE(why.starts_with(leaning)) << why;
    const FitRequest request = read_request(folder, MemoryFiles(before));
    const auto result = fit(request);
    ASSERT_TRUE(result) << result.error().id << ": " << result.error().message << " " << result.error().where.file
                        << ":" << result.error().where.line
                        << (result.error().causes.empty() ? "" : result.error().causes[0].message);
    const Files after = with_changes(before, result->changes);
    if (std::getenv("LLAMA_FLEET_ACCEPT") != nullptr) {
        accept(folder, shown(after), *result, before);
        GTEST_SKIP() << "accepted";
    }
    const fs::path wanted = fs::exists(folder / "after") ? folder / "after" : folder / "before";
    EXPECT_EQ(shown(after), shown(files_below(wanted)));
    EXPECT_EQ(instructions_text(*result), files_below(folder)["instructions.txt"]);

    // A second fit has nothing to do: neither to our work nor to the owner's part of it.
    const auto second = fit(request, MemoryFiles(after));
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_TRUE(second->changes.empty());
    EXPECT_EQ(second->instructions.size(), result->instructions.size());
    for (const std::string& path : result->new_files) EXPECT_FALSE(before.contains(path)) << path;

    // Where text of the owner's names what fit makes, undo must not take it away.
    const bool named = std::any_of(before.begin(), before.end(), [](const auto& file) {
        return file.second.find("llama-fleet/plan/") != std::string::npos;
    });
    if (named) {
        const auto back = undo({}, MemoryFiles(after));
        ASSERT_TRUE(back) << back.error().message;
        EXPECT_FALSE(back->instructions.empty());
        return;
    }
    expect_undone(before, after);
    for (unsigned seed = 1; seed <= 8; ++seed) expect_undone_around(before, after, seed);
    expect_undone_but_for_blanks(before, after, indented_twice);
    int asked = 0;
    for (unsigned seed = 1; seed <= 8; ++seed) asked += undone_if_spaced_anew(before, after, seed) ? 0 : 1;
    EXPECT_LE(asked, 2);  // where two texts of ours are alike, and one stands in the other
    expect_undone_but_for_blanks(before, after, [](const std::string& text) { return with_crlf(text); });
}

std::vector<std::string> all_cases() {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(kCases)) out.push_back(entry.path().filename().string());
    std::sort(out.begin(), out.end());
    return out;
}

INSTANTIATE_TEST_SUITE_P(flake, Case, testing::ValuesIn(all_cases()), [](const auto& tested) {
    std::string name = tested.param;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

}  // namespace
}  // namespace lf::flake
