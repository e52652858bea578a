// SPDX-License-Identifier: MIT
#include "probe/gpu_overrides.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "probe/fake_machine.h"

namespace lf::probe {
namespace {

TEST(Overrides, AreFoundWhereServicesAreAndNothingElseIsTaken) {
    ::unsetenv("HSA_OVERRIDE_GFX_VERSION");
    MemoryFiles files;
    EXPECT_EQ(find_overrides(files), std::nullopt);
    files.texts["/etc/systemd/system/llama-cpp.service"] =
        "[Service]\nEnvironment=\"API_KEY=secret\" \"HSA_OVERRIDE_GFX_VERSION=11.0.0\"\n";
    files.texts["/etc/systemd/system/ollama.service.d/override.conf"] =
        "[Service]\nEnvironment=HSA_OVERRIDE_GFX_VERSION=10.3.0\n";
    files.texts["/etc/systemd/system/sshd.service"] = "Environment=HSA_OVERRIDE_GFX_VERSION=9.0.0\n";
    files.texts["/etc/set-environment"] = "export HSA_OVERRIDE_GFX_VERSION=\"11.0.2\"\n";
    EXPECT_EQ(find_overrides(files),
              "HSA_OVERRIDE_GFX_VERSION 11.0.2 /etc/set-environment\n"
              "HSA_OVERRIDE_GFX_VERSION 11.0.0 /etc/systemd/system/llama-cpp.service\n"
              "HSA_OVERRIDE_GFX_VERSION 10.3.0 /etc/systemd/system/ollama.service.d/override.conf\n");
}

TEST(Overrides, TheEnvironmentCounts) {
    ::setenv("HSA_OVERRIDE_GFX_VERSION", "10.3.0\n$(evil)", 1);
    EXPECT_EQ(find_overrides(MemoryFiles()), "HSA_OVERRIDE_GFX_VERSION 10.3.0 environment\n");
    ::unsetenv("HSA_OVERRIDE_GFX_VERSION");
}

}  // namespace
}  // namespace lf::probe
