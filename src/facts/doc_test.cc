// SPDX-License-Identifier: MIT
// doc/facts.md tells people what facts hold: no field may be missing there.
#include <gtest/gtest.h>

#include <set>

#include "base/files.h"
#include "base/json.h"
#include "facts/codec.h"

namespace lf::facts {
namespace {

void collect(const Json& json, std::set<std::string>& keys) {
    for (const auto& [key, value] : json.items()) {
        if (json.is_object()) keys.insert(key);
        if (value.is_structured()) collect(value, keys);
    }
}

TEST(Doc, NamesEveryField) {
    Machine machine;
    machine.environment.emplace();
    machine.gpus.emplace_back();
    machine.cpu.kinds.emplace_back();
    machine.cpu.caches.emplace_back();
    std::set<std::string> keys;
    collect(parse_json(to_json(machine), "facts").value(), keys);
    const std::string text = read_file(LLAMA_FLEET_SOURCE_DIR "/doc/facts.md").value();
    EXPECT_GT(keys.size(), 60U);
    for (const std::string& key : keys)
        EXPECT_TRUE(text.find("`" + key + "`") != std::string::npos || text.find("." + key + "`") != std::string::npos)
            << key << " is not in doc/facts.md";
}

}  // namespace
}  // namespace lf::facts
