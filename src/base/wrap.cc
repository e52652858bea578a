// SPDX-License-Identifier: MIT
#include "base/wrap.h"

#include "base/text.h"

namespace lf {

std::string wrapped(std::string_view first, std::string_view text, std::size_t margin) {
    std::string out(first);
    std::size_t column = first.size();
    bool fresh = true;  // nothing but `first` or the margin on this line
    for (const std::string_view word : split(text, ' ')) {
        if (!fresh && column + 1 + word.size() > kTextColumns) {
            out += "\n" + std::string(margin, ' ');
            column = margin;
            fresh = true;
        }
        if (!fresh) out += ' ', ++column;
        out += word;
        column += word.size();
        fresh = false;
    }
    return out + "\n";
}

std::string wrapped(std::string_view first, std::string_view text) { return wrapped(first, text, first.size()); }

}  // namespace lf
