// SPDX-License-Identifier: MIT
// Edits of any text at any place: refused, or done, proven and taken out again. First line: the edits; then the text.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "nixsyntax/edit.h"
#include "nixsyntax/tree.h"

namespace {

using namespace lf::nixsyntax;

void require(bool holds) {
    if (!holds) std::abort();
}

// Four bytes an edit: what, where, how far, which text.
EditSet edits_of(std::string_view bytes, std::size_t text_size) {
    constexpr std::string_view kTexts[] = {"", " ", "(x)", "\n", "# c\n", "a = 1;", "}", "\"", "''", "${", "/* */"};
    EditSet out;
    for (std::size_t i = 0; i + 4 <= bytes.size() && out.size() < 16; i += 4) {
        const auto byte = [&](std::size_t n) { return static_cast<unsigned char>(bytes[i + n]); };
        const auto begin = static_cast<std::uint32_t>(byte(1) % (text_size + 2));
        const std::uint32_t end = begin + byte(2) % 8;
        const std::string text(kTexts[byte(3) % std::size(kTexts)]);
        if (byte(0) % 3 == 0) out.insert(begin, text);
        else if (byte(0) % 3 == 1) out.erase({begin, end});
        else out.replace({begin, end}, text);
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::size_t newline = std::min(input.find('\n'), input.size());
    const std::string_view text = input.substr(std::min(newline + 1, input.size()));
    const EditSet edits = edits_of(input.substr(0, newline), text.size());
    const auto edited = edits.apply(text);
    const auto inverse = edits.inverse(text);
    require(edited.has_value() == inverse.has_value());
    if (!edited) {
        require(edited.error().id == "edit-conflict" || edited.error().id == "edit-range");
        return 0;
    }
    require(inverse->apply(*edited).value() == text);
    // The inverse of the inverse does the same again.
    require(inverse->inverse(*edited)->apply(text).value() == *edited);
    const auto proven = prove(text, edits, *edited, "fuzz.nix");
    require(proven.has_value() == parse(*edited, "fuzz.nix").has_value());
    require(proven.has_value() || proven.error().id == "edit-broken");
    // One byte more or less is noticed.
    if (edited->empty()) return 0;
    const auto other = prove(text, edits, edited->substr(1), "fuzz.nix");
    require(!other.has_value() && other.error().id == "edit-unproven");
    return 0;
}
