// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>

#include "facts/codec.h"

namespace lf::facts {
namespace {

// As llama-fleet wrote it before facts held more.
constexpr std::string_view kVersion1 = R"({
  "cpu": {
    "architecture": "x86_64",
    "cores": 8,
    "cpus": 16,
    "family": 25,
    "features": [
      "avx",
      "avx2",
      "avx512_vnni"
    ],
    "features_some": [
      "avx512f"
    ],
    "hypervisor": null,
    "microarchitecture": "zen4",
    "model": 116,
    "model_name": "AMD Ryzen 7 7840HS w/ Radeon 780M Graphics",
    "numa_nodes": 1,
    "sockets": 1,
    "stepping": 1,
    "vendor": "AuthenticAMD"
  },
  "gpus": [
    {
      "chip": "GA107",
      "compute_capability": "8.6",
      "device_id": "25a2",
      "driver": "nvidia",
      "gfx_target": null,
      "integrated": false,
      "name": "GA107M [GeForce RTX 3050 Mobile]",
      "pci_address": "0000:01:00.0",
      "vendor": "nvidia",
      "vendor_id": "10de"
    }
  ],
  "host": "carbon",
  "memory_mib": 31342,
  "notes": [
    "one thing could not be read"
  ],
  "schema": "llama-fleet/facts",
  "system": "x86_64-linux",
  "version": 1
}
)";

TEST(Migration, ReadsVersion1AndWritesVersion2) {
    const auto machine = from_json(kVersion1, "facts.json");
    ASSERT_TRUE(machine.has_value()) << machine.error().message;
    EXPECT_EQ(machine->gpus.at(0).address, "0000:01:00.0");
    EXPECT_EQ(machine->cpu.microarchitecture, "zen4");
    EXPECT_EQ(machine->cpu.features.size(), 3U);
    EXPECT_EQ(machine->cpu.source, std::nullopt);
    EXPECT_TRUE(machine->cpu.caches.empty());
    EXPECT_FALSE(machine->environment.has_value());
    const std::string now = to_json(*machine);
    EXPECT_NE(now.find("\"version\": 2"), std::string::npos);
    const auto again = from_json(now, "facts.json");
    ASSERT_TRUE(again.has_value()) << again.error().message;
    EXPECT_EQ(to_json(*again), now);
}

TEST(Migration, IsAsStrictAsEver) {
    std::string text(kVersion1);
    text.replace(text.find("\"cores\""), 7, "\"kores\"");
    const auto machine = from_json(text, "facts.json");
    ASSERT_FALSE(machine.has_value());
    EXPECT_EQ(machine.error().where.json_path, "/cpu/cores");
}

}  // namespace
}  // namespace lf::facts
