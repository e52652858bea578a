// SPDX-License-Identifier: MIT
#include "report/html.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace lf::report {
namespace {

/// Plain ASCII is what nearly everything is; it needs no look at every character's length.
bool is_plain(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

}  // namespace

std::string escaped(std::string_view text) {
    std::string visible;
    if (!is_plain(text)) {
        visible = printable(text);
        text = visible;
    }
    std::string out;
    out.reserve(text.size() + 16);
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\'': out += "&#39;"; break;
            default: out += c;
        }
    }
    return out;
}

std::string escaped_json(std::string_view json) {
    std::string out;
    out.reserve(json.size() + 64);
    for (std::size_t i = 0; i < json.size(); ++i) {
        const std::string_view three = json.substr(i, 3);
        if (json[i] == '<') out += "\\u003c";
        else if (json[i] == '>') out += "\\u003e";
        else if (json[i] == '&') out += "\\u0026";
        else if (three == "\u2028" || three == "\u2029") out += three == "\u2028" ? "\\u2028" : "\\u2029", i += 2;
        else out += json[i];
    }
    return out;
}

Html& Html::raw(Markup markup) {
    out_ += markup.text;
    return *this;
}

Html& Html::text(std::string_view text) {
    out_ += escaped(text);
    return *this;
}

Html& Html::count(std::int64_t value) {
    out_ += fmt::format("{}", value);
    return *this;
}

Html& Html::digits(std::size_t value) {
    out_ += fmt::format("{}", value);
    return *this;
}

Html& Html::percent(double part) {
    const double sane = std::isfinite(part) ? std::clamp(part, 0.0, 1.0) : 0;
    out_ += fmt::format("{:.3g}%", sane * 100);
    return *this;
}

Html& Html::append(const Html& other) {
    out_ += other.out_;
    return *this;
}

Html& Html::own(std::string_view bytes) {
    out_ += bytes;
    return *this;
}

}  // namespace lf::report
