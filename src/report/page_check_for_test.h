// SPDX-License-Identifier: MIT
/// \file
/// \brief A strict reader of our page for tests and the fuzzer: every tag and attribute must be one that the program
/// itself writes, everything is closed in order, and the JSON inside is JSON.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/text.h"

namespace lf::report::test {

inline constexpr std::array<std::string_view, 44> kTags{
    "html", "head",    "meta",   "title",   "style", "body",  "a",       "svg",     "defs", "marker", "rect",
    "line", "circle",  "header", "p",       "h1",    "h2",    "h3",      "h4",      "ul",   "li",     "b",
    "main", "section", "table",  "caption", "thead", "tbody", "tr",      "th",      "td",   "small",  "span",
    "i",    "em",      "code",   "dl",      "dt",    "dd",    "details", "summary", "data", "footer", "script"};
inline constexpr std::array<std::string_view, 36> kAttributes{"lang",
                                                              "charset",
                                                              "http-equiv",
                                                              "content",
                                                              "name",
                                                              "class",
                                                              "href",
                                                              "width",
                                                              "height",
                                                              "id",
                                                              "refX",
                                                              "markerWidth",
                                                              "markerHeight",
                                                              "refY",
                                                              "markerUnits",
                                                              "tabindex",
                                                              "scope",
                                                              "role",
                                                              "value",
                                                              "y",
                                                              "x1",
                                                              "x2",
                                                              "y1",
                                                              "y2",
                                                              "cx",
                                                              "cy",
                                                              "r",
                                                              "type",
                                                              "aria-hidden",
                                                              "aria-label",
                                                              "aria-labelledby",
                                                              "x",
                                                              "title",
                                                              "open",
                                                              "colspan",
                                                              "dir"};

/// "" = as it should be, else what is wrong.
class PageReader {
  public:
    explicit PageReader(std::string_view page) : rest_(page) {}

    std::string complaint() {
        if (!take("<!doctype html>\n")) return "no doctype";
        while (!rest_.empty() && fault_.empty()) {
            const std::size_t next = rest_.find('<');
            text(rest_.substr(0, next));
            rest_.remove_prefix(std::min(next, rest_.size()));
            if (!rest_.empty()) tag();
        }
        if (fault_.empty() && !open_.empty()) fault_ = "not closed: " + open_.back();
        if (fault_.empty() && json_.empty()) fault_ = "no JSON";
        return fault_;
    }
    const std::string& json() const { return json_; }

  private:
    bool take(std::string_view word) {
        if (!rest_.starts_with(word)) return false;
        rest_.remove_prefix(word.size());
        return true;
    }
    void wrong(std::string what) {
        if (fault_.empty()) fault_ = std::move(what) + " before: " + std::string(rest_.substr(0, 60));
    }
    void text(std::string_view text) {
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '>' || text[i] == '"') return wrong("a bare mark in text");
            if (static_cast<unsigned char>(text[i]) < 0x20 && text[i] != '\n' && text[i] != '\t')
                return wrong("a control byte");
            if (text[i] == '&' && !is_reference(text.substr(i))) return wrong("a bare &");
        }
    }
    static bool is_reference(std::string_view text) {
        constexpr std::array<std::string_view, 5> kOurs{"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
        return std::ranges::any_of(kOurs, [&](std::string_view one) { return text.starts_with(one); });
    }
    std::string_view word() {
        std::size_t end = 0;
        while (end < rest_.size() && (std::isalnum(static_cast<unsigned char>(rest_[end])) != 0 || rest_[end] == '-'))
            ++end;
        const std::string_view found = rest_.substr(0, end);
        rest_.remove_prefix(end);
        return found;
    }
    /// Ends of cells and rows may be left out: they end where the next one begins, or what they stand in ends.
    void close_for(const std::string& next, bool end) {
        const auto ends = [&](std::string_view name) {
            if (name == "td" || name == "th")
                return end ? next == "tbody" || next == "thead" || next == "tr"
                           : next == "td" || next == "th" || next == "tr";
            if (name == "dt" || name == "dd") return end ? next == "dl" : next == "dt" || next == "dd";
            return name == "tr" && (end ? next == "tbody" || next == "thead" : next == "tr");
        };
        while (!open_.empty() && ends(open_.back())) open_.pop_back();
    }
    void tag() {
        take("<");
        if (take("/")) {
            const std::string name(word());
            close_for(name, true);
            if (open_.empty() || open_.back() != name) return wrong("closed out of order: " + name);
            open_.pop_back();
            if (!take(">")) wrong("a bad end tag");
            return;
        }
        const std::string name(word());
        if (std::ranges::find(kTags, name) == kTags.end()) return wrong("a tag of nobody: " + name);
        while (take(" ") && fault_.empty()) attribute();
        if (take("/>") || (name == "meta" && take(">"))) return;
        if (!take(">")) return wrong("a bad tag");
        if (name == "style" || name == "script") return raw(name);
        close_for(name, false);
        open_.push_back(name);
    }
    void attribute() {
        const std::string name(word());
        if (std::ranges::find(kAttributes, name) == kAttributes.end()) return wrong("an attribute of nobody: " + name);
        if (!take("=\"")) return wrong("a bad attribute");
        const std::size_t end = rest_.find('"');
        if (end == std::string_view::npos) return wrong("an open attribute");
        const std::string_view value = rest_.substr(0, end);
        if (name == "href" && !value.starts_with("#h") && value != "#main") return wrong("a link that leads out");
        if (value.find('<') != std::string_view::npos) return wrong("a tag in an attribute");
        if (name == "id") {
            if (std::ranges::find(ids_, value) != ids_.end()) return wrong("an id twice");
            ids_.emplace_back(value);
        }
        rest_.remove_prefix(end + 1);
    }
    void raw(const std::string& name) {
        const std::size_t end = rest_.find("</" + name);
        if (end == std::string_view::npos) return wrong("an open " + name);
        if (name == "script" && scripts_++ == 0) {
            json_ = rest_.substr(0, end);
            if (json_.find('<') != std::string::npos || !parse_json(json_, "page")) wrong("the JSON is none");
        }
        rest_.remove_prefix(end);
        if (!take("</" + name + ">")) wrong("a bad end of " + name);
        if (scripts_ > 2) wrong("a script of nobody");
    }

    std::string_view rest_;
    std::vector<std::string> open_;
    std::vector<std::string> ids_;
    std::string json_;
    std::string fault_;
    int scripts_ = 0;
};

}  // namespace lf::report::test
