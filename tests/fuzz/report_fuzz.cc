// SPDX-License-Identifier: MIT
// Any facts, plan, result and printed check, through the production entry; and any words in every field of a fleet. The
// page parses, no tag or attribute comes from data, its JSON is that of --json, and the text has no control bytes.
//
// The input is, after one byte that says which: llama-fleet/{facts,plan,bench}/carbon.json and check.json with zero
// bytes between them; or the words of the fields, with zero bytes between them.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/memory_files_test.h"
#include "base/text.h"
#include "report/filled_for_test.h"
#include "report/gather.h"
#include "report/page_check_for_test.h"
#include "report/render.h"

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

void judge(const lf::report::FleetReport& fleet) {
    const std::string page = lf::report::render_html(fleet);
    lf::report::test::PageReader reader(page);
    require(reader.complaint().empty());
    const auto json = lf::parse_json(reader.json(), "page");
    require(json && lf::write_json(*json) == lf::report::to_json(fleet));
    for (const char c : lf::report::render_text(fleet))
        require(c == '\n' || c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f));
    require(!lf::report::render_markdown(fleet).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto parts = lf::split(input, '\0');
    if (data[0] != 'w') {
        constexpr const char* kNames[] = {"facts", "plan", "bench"};
        std::map<std::string, std::string> files;
        for (std::size_t i = 0; i < std::size(kNames) && i < parts.size(); ++i)
            files[std::string("llama-fleet/") + kNames[i] + "/carbon.json"] = std::string(parts[i]);
        std::optional<lf::report::CheckText> check;
        if (parts.size() > 3) check = {"check.json", std::string(parts[3])};
        if (const auto fleet = lf::report::gather(lf::MemoryFiles(files), check, {})) judge(*fleet);
        return 0;
    }
    std::size_t at = 0;
    std::size_t byte = 0;
    const auto next = [&] { return input.empty() ? 0 : static_cast<unsigned char>(input[byte++ % input.size()]); };
    lf::report::test::Filler filler{[&] { return std::string(parts[at++ % parts.size()]); },
                                    [&] { return (next() - 100) * 1.37; },
                                    [&] { return static_cast<int>(next() % 4); }};
    judge(lf::report::test::filled(filler, 2));
    return 0;
}
