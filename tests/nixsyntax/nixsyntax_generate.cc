// SPDX-License-Identifier: MIT
// nixsyntax_generate FOLDER N [SEED]: writes N files made by the grammar, every second one damaged afterwards.
// nixsyntax_generate --check N [SEED]: generates N texts and checks what must hold of them; exit 1 shows the first
// fault.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>
#include <string>

#include "grammar.h"

namespace {

using namespace lf::nixsyntax;

// Short and long ones alike: a length of each power of two.
std::vector<std::uint8_t> bytes_of(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<std::uint8_t> out(std::size_t{1} << (4 + random() % 7));
    for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(random());
    return out;
}

int check(std::uint64_t count, std::uint64_t seed) {
    for (std::uint64_t n = 0; n < count; ++n) {
        const std::string wrong = check_generated(bytes_of(seed + n));
        if (wrong.empty()) continue;
        std::cout << "seed " << seed + n << ": " << wrong << '\n';
        return 1;
    }
    std::cout << count << " generated texts are as they must be\n";
    return 0;
}

int write(const std::string& folder, std::uint64_t count, std::uint64_t seed) {
    for (std::uint64_t n = 0; n < count; ++n) {
        const std::vector<std::uint8_t> bytes = bytes_of(seed + n);
        Choices grammar(bytes);
        Choices trivia(std::span<const std::uint8_t>(bytes).subspan(bytes.size() / 2));
        // `with` in front: Nix looks no further than the first undefined variable.
        const std::string head = n % 4 < 3 ? "with {};" : "";
        std::string text = head + render(generate(grammar), trivia);
        if (n % 2 == 1) text = damage(std::move(text), trivia);
        std::ofstream(folder + "/" + std::to_string(seed + n) + ".nix", std::ios::binary) << text;
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::cerr << "usage: nixsyntax_generate FOLDER|--check N [SEED]\n";
        return 2;
    }
    const std::uint64_t count = std::strtoull(argv[2], nullptr, 10);
    const std::uint64_t seed = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1;
    return std::string(argv[1]) == "--check" ? check(count, seed) : write(argv[1], count, seed);
}
