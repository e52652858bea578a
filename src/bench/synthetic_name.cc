// SPDX-License-Identifier: MIT
//
// "synthetic:SHAPE[:QUANT]" and the list of what there is.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"
#include "base/wrap.h"
#include "bench/synthetic.h"

namespace lf::bench {
namespace {

constexpr std::string_view kPrefix = "synthetic";
constexpr std::string_view kDefaultQuant = "Q4_K_M";

struct Alias {
    std::string_view name, stands_for;
};
constexpr std::array kQuantAliases = {Alias{"Q4_K", "Q4_K_M"}, Alias{"Q5_K", "Q5_K_M"}};

char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool same_word(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return small(x) == small(y); });
}

/// The row of a table that has that name, or an error that names all.
template <class Row>
Result<Row> find_row(std::span<const Row> rows, std::string_view word, std::string_view what) {
    std::vector<std::string> names, small_names;
    for (const Row& row : rows) {
        if (same_word(row.name, word)) return row;
        names.emplace_back(row.name);
        small_names.emplace_back(row.name);
        for (char& c : small_names.back()) c = small(c);
    }
    std::string small_word(word);
    for (char& c : small_word) c = small(c);
    std::string message = fmt::format("no synthetic model has the {} '{}'", what, printable(word).substr(0, 60));
    if (const auto near = did_you_mean(small_word, small_names)) {
        const auto at = std::find(small_names.begin(), small_names.end(), *near) - small_names.begin();
        message += fmt::format("; did you mean '{}'?", names[static_cast<std::size_t>(at)]);
    }
    return fail(usage_error("bench-model", message, fmt::format("{}s: {}", what, join(names, ", "))));
}

}  // namespace

bool is_synthetic(std::string_view word) {
    return same_word(word.substr(0, kPrefix.size()), kPrefix) &&
           (word.size() == kPrefix.size() || word[kPrefix.size()] == ':');
}

Result<SyntheticModel> parse_synthetic(std::string_view specification) {
    const auto words = split(specification, ':');
    if (!is_synthetic(specification) || words.size() < 2 || words.size() > 3)
        return fail(usage_error(
            "bench-model", fmt::format("'{}' names no synthetic model", printable(specification).substr(0, 80)),
            "write synthetic:SHAPE or synthetic:SHAPE:QUANT, as synthetic:1B:Q8_0\n" + list_synthetic()));
    std::string_view quant = words.size() == 3 ? words[2] : kDefaultQuant;
    for (const Alias& alias : kQuantAliases)
        if (same_word(quant, alias.name)) quant = alias.stands_for;
    SyntheticModel model;
    LF_ASSIGN(model.shape, find_row(model_shapes(), words[1], "shape"));
    LF_ASSIGN(model.quant, find_row(model_quants(), quant, "quant"));
    return model;
}

std::string specification(const SyntheticModel& model) {
    return fmt::format("{}:{}:{}", kPrefix, model.shape.name, model.quant.name);
}

std::string list_synthetic() {
    std::string out;
    for (const ModelShape& shape : model_shapes()) out += wrapped(fmt::format("  {:<6}", shape.name), shape.origin);
    std::vector<std::string> names;
    for (const Quant& quant : model_quants()) names.emplace_back(quant.name);
    return out + wrapped("  quants ", join(names, " "));
}

}  // namespace lf::bench
