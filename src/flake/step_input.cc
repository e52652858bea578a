// SPDX-License-Identifier: MIT
// Step 1 of the guide: the official llama.cpp as an input, following the nixpkgs that builds the hosts.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "flake/llama_input.h"
#include "flake/steps.h"

namespace lf::flake {
namespace {

using nixsyntax::Found;
using nixsyntax::Match;

constexpr std::string_view kUrl = "github:ggml-org/llama.cpp";
constexpr std::array<std::string_view, 4> kKnownNames{"llama-cpp", "llama-cpp-overlay", "llama-cpp-src",
                                                      "llama-cpp-master"};

/// One entry of the inputs: its name and the nodes that say it.
struct InputEntry {
    std::string name;
    NodeId entry = kNone;
    bool nested = false;  ///< name = { … };
};

/// The set of `inputs = { … };` or kNone, and all entries in the order of the text.
struct Inputs {
    NodeId block = kNone;
    bool opaque = false;  ///< inputs = import …;
    std::vector<InputEntry> entries;
};

Inputs read_inputs(const Outline& outline) {
    const Tree& tree = *outline.tree;
    Inputs out;
    const auto add = [&](NodeId entry, std::size_t at) {
        if (!tree.is(entry, Kind::binding)) return;
        const auto names = tree.children(nixsyntax::binding_path(tree, entry));
        if (names.size() <= at) return;
        const NodeId value = nixsyntax::strip_parens(tree, nixsyntax::binding_value(tree, entry));
        out.entries.push_back({nixsyntax::attr_name(tree, names[at]).value_or(""), entry,
                               names.size() == at + 1 && tree.is(value, Kind::set)});
    };
    for (const Found& found : nixsyntax::find_bindings(tree, outline.root, "inputs")) {
        if (found.match == Match::deeper) {
            add(found.entry, 1);
            continue;
        }
        const NodeId set = found.value == kNone ? kNone : nixsyntax::strip_parens(tree, found.value);
        if (!tree.is(set, Kind::set)) {
            out.opaque = true;
            continue;
        }
        out.block = set;
        for (const NodeId entry : nixsyntax::entries(tree, set)) add(entry, 0);
    }
    return out;
}

/// The input that is llama.cpp by its address; a usual name counts where the address does not tell, as that of a fork
/// would not. `taken` = the name that it has to have is that of something else, and the owner was told.
std::string existing_input(Work& work, const Outline& outline, const Inputs& inputs, bool& taken) {
    const auto known = [](const InputEntry& input) {
        return std::find(kKnownNames.begin(), kKnownNames.end(), input.name) != kKnownNames.end();
    };
    std::vector<std::pair<const InputEntry*, JudgedInput>> all;
    for (const InputEntry& input : inputs.entries)
        if (!input.name.empty())
            all.emplace_back(&input, judge_input(work.sources, *outline.tree, outline.root, input.name));
    for (const bool by_name : {true, false})
        for (const auto& [input, judged] : all)
            if (judged.is == IsLlama::yes && known(*input) == by_name) return input->name;
    for (const auto& [input, judged] : all) {
        if (judged.is != IsLlama::perhaps || !known(*input)) continue;
        work.note(fmt::format("the input {} is taken for llama.cpp by its name{}{}", input->name,
                              judged.address.empty() ? "" : ": ", judged.address));
        return input->name;
    }
    for (const auto& [input, judged] : all) {
        if (taken || input->name != "llama-cpp") continue;
        work.by_hand(*outline.tree, input->entry,
                     input_lines(inputs.block == kNone ? "inputs." : "", nixpkgs_input(outline, work.hosts)),
                     fmt::format("this input is not llama.cpp, but {} ({}): give it another name, for the official "
                                 "llama.cpp needs this one; then fit again",
                                 judged.address, judged.why));
        taken = true;
    }
    return {};
}

Block input_block(const Tree& tree, std::string_view prefix, const std::string& follows, bool nested) {
    Block block;
    block.compact = false;
    const std::string name = fmt::format("{}llama-cpp", prefix);
    const std::string follow = fmt::format("inputs.nixpkgs.follows = {};", nix_string(follows));
    if (nested) {
        block.lines = {{0, name + " = {"}, {1, fmt::format("url = \"{}\";", kUrl)}};
        if (!follows.empty()) block.lines.emplace_back(1, follow);
        block.lines.emplace_back(0, "};");
        const std::string inside =
            fmt::format("url = \"{}\";{}{}", kUrl, follows.empty() ? "" : " ", follows.empty() ? "" : follow);
        block.one_line = name + " = " + bracketed(tree, '{', inside, '}') + ";";
    } else {
        block.lines = {{0, fmt::format("{}.url = \"{}\";", name, kUrl)}};
        if (!follows.empty()) block.lines.emplace_back(0, name + "." + follow);
        block.one_line = block.lines.front().second;
        if (!follows.empty()) block.one_line += " " + block.lines.back().second;
    }
    return block;
}

/// Is the last input parted from the one before it by an empty line?
Gap gap_of_last(const Tree& tree, const std::vector<InputEntry>& entries) {
    std::size_t first = entries.size() - 1;
    while (first > 0 && entries[first - 1].name == entries.back().name) --first;
    if (first == 0) return Gap::none;
    const std::string_view between =
        tree.text(nixsyntax::Span{tree.span(entries[first - 1].entry).end, tree.span(entries[first].entry).begin});
    for (std::size_t at = between.find('\n'); at != std::string_view::npos; at = between.find('\n', at + 1)) {
        const std::size_t next = between.find('\n', at + 1);
        if (next != std::string_view::npos && trim(between.substr(at, next - at)).empty()) return Gap::empty_line;
    }
    return Gap::none;
}

void insert_input(const Tree& tree, const Inputs& inputs, const std::string& follows, nixsyntax::EditSet& edits) {
    const bool nested = !inputs.entries.empty() && inputs.entries.back().nested;
    if (inputs.block != kNone) {
        const Gap gap = inputs.entries.empty() ? Gap::none : gap_of_last(tree, inputs.entries);
        return append_item(tree, inputs.block, input_block(tree, "", follows, nested), edits, gap);
    }
    const NodeId last = inputs.entries.back().entry;
    const std::string newline = nixsyntax::file_style(tree).newline;
    const std::string indentation(nixsyntax::line_indent_of(tree, last));
    const std::string gap = gap_of_last(tree, inputs.entries) == Gap::empty_line ? newline : "";
    edits.insert(
        nixsyntax::end_with_comment(tree, last),
        gap + newline + indentation + laid_out(tree, input_block(tree, "inputs.", follows, nested), indentation));
}

void insert_formal_on_lines(const Tree& tree, const nixsyntax::FormalStyle& style, NodeId last, const std::string& name,
                            nixsyntax::EditSet& edits) {
    const std::string newline = nixsyntax::file_style(tree).newline;
    const std::string line = newline + std::string(nixsyntax::line_indent_of(tree, last));
    if (style.commas == nixsyntax::Commas::leading)
        return edits.insert(nixsyntax::end_with_comment(tree, last), line + ", " + name);
    const std::uint32_t end = tree.span(last).end;
    const std::size_t next = tree.text().find_first_not_of(" \t\r\n", end);
    if (next == std::string_view::npos || tree.text()[next] != ',') {
        // The last of a closed set: it gets the comma that it did without.
        edits.insert(end, ",");
        return edits.insert(nixsyntax::end_with_comment(tree, last), line + name);
    }
    const std::uint32_t line_end = nixsyntax::line_end(tree, static_cast<std::uint32_t>(next));
    const std::string_view rest = trim(tree.text(nixsyntax::Span{static_cast<std::uint32_t>(next) + 1, line_end}));
    const bool own_line = rest.empty() || rest.starts_with('#');
    edits.insert(own_line ? line_end : static_cast<std::uint32_t>(next) + 1, line + name + ",");
}

/// Does a comment above everything say that a program writes the file?
bool says_generated(const Tree& tree) {
    std::string head(tree.text(nixsyntax::Span{0, tree.span(tree.root()).begin}));
    std::replace(head.begin(), head.end(), '-', ' ');
    return head.find("DO NOT EDIT") != std::string::npos || head.find("Do not edit") != std::string::npos ||
           head.find("do not edit") != std::string::npos;
}

}  // namespace

void add_formal(const Tree& tree, NodeId formals, const std::string& name, nixsyntax::EditSet& edits) {
    const nixsyntax::FormalStyle style = nixsyntax::formal_style(tree, formals);
    const auto all = tree.children(formals);
    if (all.empty()) {
        const bool ellipsis = tree.has(formals, nixsyntax::kEllipsis);
        const std::string lead = is_tight(tree) ? "" : " ";
        return edits.insert(style.items.open_end, lead + name + (ellipsis ? "," : ""));
    }
    if (!style.items.one_line) return insert_formal_on_lines(tree, style, all.back(), name, edits);
    edits.insert(tree.span(all.back()).end, ", " + name);
}

std::string input_lines(std::string_view prefix, const std::string& follows) {
    std::string out = fmt::format("{}llama-cpp.url = \"{}\";", prefix, kUrl);
    if (!follows.empty()) out += fmt::format("\n{}llama-cpp.inputs.nixpkgs.follows = {};", prefix, nix_string(follows));
    return out;
}

Done add_input(Work& work) {
    LF_ASSIGN(const Outline outline, read_outline(work.sources));
    const Tree& tree = *outline.tree;
    const Inputs inputs = read_inputs(outline);
    std::map<std::string, nixsyntax::EditSet> edits;  // by file
    bool taken = false;
    if (const std::string name = existing_input(work, outline, inputs, taken); !name.empty()) {
        work.input = name;
    } else if (taken) {
        return {};
    } else {
        const std::string follows = nixpkgs_input(outline, work.hosts);
        const bool generated = says_generated(tree) || std::find(outline.inputs.begin(), outline.inputs.end(),
                                                                 "flake-file") != outline.inputs.end();
        if (inputs.opaque || generated || (inputs.block == kNone && inputs.entries.empty())) {
            const std::string_view prefix = inputs.opaque || inputs.block != kNone ? "" : "inputs.";
            work.by_hand(
                tree, kNone, input_lines(prefix, follows),
                generated ? "the input of the official llama.cpp; this flake.nix is generated, so it belongs where the "
                            "inputs are declared"
                          : "the input of the official llama.cpp; the inputs are no set that stands in flake.nix");
            return {};
        }
        insert_input(tree, inputs, follows, edits["flake.nix"]);
        work.input_text = input_lines(inputs.block == kNone ? "inputs." : "", follows);
        const nixsyntax::Span at = tree.span(inputs.entries.empty() ? inputs.block : inputs.entries.back().entry);
        work.input_line = work.sources.original_line("flake.nix", inputs.entries.empty() ? at.begin : at.end - 1);
    }
    // A closed set of arguments refuses an input that it does not name; without `@` it is the only way to reach it.
    // Hosts of a framework reach it in another way.
    const Tree& made_by = *outline.outputs.tree;
    const bool needed = outline.formals != kNone && (!made_by.has(outline.formals, nixsyntax::kEllipsis) ||
                                                     (outline.argument.empty() && !outline.hosts.empty()));
    if (needed && nixsyntax::find_formal(made_by, outline.formals, work.input) == kNone) {
        add_formal(made_by, outline.formals, work.input, edits[made_by.file()]);
        work.formal = work.input;
        const auto all = made_by.children(outline.formals);
        const NodeId last = all.empty() ? outline.formals : all.back();
        work.formal_line = work.sources.original_line(made_by.file(), made_by.span(last).begin);
    }
    for (const auto& [file, set] : edits) LF_TRY(work.sources.edit(file, set));
    return {};
}

}  // namespace lf::flake
