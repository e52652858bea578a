// SPDX-License-Identifier: MIT
/// \file
/// \brief The table of rules. A rule looks at one file, or at what Nix said of a host, and says what it found.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "check/survey.h"
#include "lint/file_uses.h"
#include "lint/finding.h"
#include "lint/knowledge.h"
#include "lint/package.h"

namespace lf::lint {

/// What a rule is called and how bad its findings are. doc/lint/<id>.md tells the rest.
struct RuleText {
    std::string_view id;  ///< stable
    Severity severity = Severity::warning;
    std::string_view title;  ///< what is wrong, for lists: "flags that never reach the derivation"
};

/// One file as the rules see it.
struct FileView {
    const Tree& tree;
    const Knowledge& known;
    FileUses& uses;
    const std::vector<Package>& packages;
    const std::vector<Mention>& mentions;
};

/// The same of a place as is_for_another_cpu says of its text, or of all places that name its file.
bool is_for_another_cpu(const FileView& view, NodeId node);

/// Where the lines of texts begin, so that a thousand findings in a large file do not count them a thousand times.
class LineIndex {
  public:
    /// The place of a node: file, line, column and the text of the line.
    void place(const Tree& tree, NodeId node, Finding& finding);

  private:
    std::map<const Tree*, std::vector<std::uint32_t>> begins_;
};

/// Collects findings of one rule.
class Sink {
  public:
    Sink(const RuleText& rule, std::vector<Finding>& out, LineIndex& lines) : rule_(rule), out_(out), lines_(lines) {}
    /// At a place of a text.
    Finding& at(const Tree& tree, NodeId node, std::string message);
    /// About a host.
    Finding& host(const std::string& host, std::string message);

  private:
    const RuleText& rule_;
    std::vector<Finding>& out_;
    LineIndex& lines_;
};

struct TextRule {
    RuleText text;
    void (*look)(const FileView&, Sink&);
};

struct HostRule {
    RuleText text;
    void (*look)(const check::HostSurvey&, const Knowledge&, Sink&);
};

/// By theme; text_rules() is all of them.
std::span<const TextRule> native_rules();     ///< GGML_NATIVE, dispatch
std::span<const TextRule> march_rules();      ///< -march=native
std::span<const TextRule> flag_rules();       ///< names, filters, lists
std::span<const TextRule> override_rules();   ///< .override and overrideAttrs, in which order
std::span<const TextRule> attribute_rules();  ///< variables of the build, its source
std::span<const TextRule> cpu_rules();        ///< instruction sets that a host of the facts lacks
std::span<const TextRule> gpu_rules();        ///< targets, backends, BLAS, licences
std::span<const TextRule> official_rules();   ///< the official flake: its attributes, its overlay, its packages
std::span<const TextRule> overlay_rules();    ///< overlays, fixpoints, second instances
std::span<const TextRule> system_rules();     ///< what is set for the whole machine or its services

std::vector<TextRule> text_rules();
std::span<const HostRule> host_rules();  ///< what only evaluation shows

/// Every rule, sorted by id, each once (a rule may look at texts and at hosts).
std::vector<RuleText> all_rules();

}  // namespace lf::lint
