// SPDX-License-Identifier: MIT
// The bytes are choices of a generator of Nix texts: what it makes must parse, come back, look the same whatever
// blanks and comments stand in it, and be editable. tests/nixsyntax/nixsyntax_generate does the same without libFuzzer.
#include <cstdlib>
#include <iostream>

#include "../nixsyntax/grammar.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string wrong = lf::nixsyntax::check_generated({data, size});
    if (wrong.empty()) return 0;
    std::cerr << wrong << '\n';
    std::abort();
}
