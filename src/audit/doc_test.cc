// SPDX-License-Identifier: MIT
// doc/audit.md names every error that audit gives.
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>

#include "base/files.h"

namespace lf::audit {
namespace {

TEST(AuditDoc, EveryErrorIsDescribed) {
    namespace fs = std::filesystem;
    const fs::path source(LLAMA_FLEET_SOURCE_DIR);
    const auto doc = read_file((source / "doc/audit.md").string());
    ASSERT_TRUE(doc);
    std::set<std::string> ids;
    for (const char* layer : {"audit", "elf", "gpucode", "cli"})
        for (const auto& entry : fs::directory_iterator(source / "src" / layer)) {
            if (entry.path().extension() != ".cc" || entry.path().stem().string().ends_with("_test")) continue;
            const auto text = read_file(entry.path().string());
            ASSERT_TRUE(text) << entry.path();
            static const std::regex kId("\"((audit|elf|gpucode)-[a-z0-9-]+)\"");
            for (std::sregex_iterator at(text->begin(), text->end(), kId), end; at != end; ++at) ids.insert((*at)[1]);
        }
    EXPECT_GE(ids.size(), 14U);
    for (const std::string& id : ids) EXPECT_NE(doc->find("`" + id + "`"), std::string::npos) << id;
}

}  // namespace
}  // namespace lf::audit
