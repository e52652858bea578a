// SPDX-License-Identifier: MIT
// Many files in few lines.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "audit/render_file.h"
#include "audit/words.h"

namespace lf::audit {
namespace {

/// What stands before the width of the registers: AVX512F of AVX512F_512, AVX512F_SCALAR, AVX512F_KOP.
std::string_view family_of(std::string_view set) {
    constexpr std::string_view kWidths[] = {"_128", "_256",  "_512",  "_128N", "_SCALAR",
                                            "_KOP", "_KOPB", "_KOPW", "_KOPD", "_KOPQ"};
    for (const std::string_view width : kWidths)
        if (set.ends_with(width)) return set.substr(0, set.size() - width.size());
    return set;
}

/// "AVX512F 7,123, AVX 512": one number for all widths, the most used first; "" = nothing that a CPU may lack.
std::string families_words(const std::vector<IsaUse>& uses) {
    std::vector<std::pair<std::string_view, std::uint64_t>> list;
    for (const IsaUse& use : uses) {
        if (!x86::can_fault(use.isa)) continue;
        const std::string_view family = family_of(set_name(use.isa));
        const auto known = std::find_if(list.begin(), list.end(), [&](const auto& one) { return one.first == family; });
        if (known == list.end()) list.emplace_back(family, use.count);
        else known->second += use.count;
    }
    std::stable_sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    std::string out;
    for (const auto& [family, count] : list)
        out += fmt::format("{}{} {}", out.empty() ? "" : ", ", family, grouped(count));
    return out;
}

/// The files of a build in few lines: those that say something have some each, of the others the names stand together.
struct Compact {
    std::string blocks;
    std::size_t shown = 0, more = 0;
    std::vector<std::string> plain;
    std::map<std::string, std::vector<std::string>> unexamined;  ///< by why
};

void add_compact(Compact& to, const FileAudit& file) {
    constexpr std::size_t kMost = 40;
    const Program& program = file.program;
    std::string body = gpu_text(file.gpu);
    for (const std::string& note : file.gpu.notes) body += row("note", note);
    if (file.examined) {
        body += row("uses", families_words(program.uses)) + row("swept", families_words(program.sweep_uses));
        body += row("unknown", undecodable_words(file));
        for (const std::string& note : program.notes) body += row("note", note);
    } else if (file.error) {
        body += row("not", "examined: " + file.why_not) + row("", file.error->hint);
    } else if (body.empty()) {
        to.unexamined[file.why_not].push_back(file.path);
    }
    if (body.empty() && file.examined) to.plain.push_back(file.path);
    if (body.empty()) return;
    if (to.shown == kMost) ++to.more;
    else {
        ++to.shown;
        to.blocks += shown_name(file.path) + "\n" + body;
    }
}

/// A few of the names, and how many there are.
std::string names_row(std::string_view label, const std::string& before, const std::vector<std::string>& names) {
    constexpr std::size_t kNamed = 8;
    if (names.empty()) return "";
    const std::size_t shown = names.size() <= kNamed + 1 ? names.size() : kNamed;
    std::string list = shown_name(names.front());
    for (std::size_t i = 1; i < shown; ++i) list += ", " + shown_name(names[i]);
    if (shown < names.size()) list += fmt::format(" and {}", counted(names.size() - shown, "more file"));
    return row(label, before + list);
}

}  // namespace

std::string files_text(const BuildAudit& build) {
    Compact compact;
    for (const bool of_ggml : {true, false})
        for (const FileAudit& file : build.files)
            if (!ggml_words(file).empty() == of_ggml) add_compact(compact, file);
    std::string out = compact.blocks;
    if (compact.more != 0)
        out += row("", fmt::format("and {} with code beyond the baseline", counted(compact.more, "more file")));
    out += names_row("baseline", "nothing beyond the baseline of x86-64: ", compact.plain);
    for (const auto& [why, names] : compact.unexamined) out += names_row("not", "examined: " + why + ": ", names);
    if (out.empty()) return "";
    return "\n" + out +
           row("more", "name one file, or add --functions, for each set with its first address; --json has it all");
}

}  // namespace lf::audit
