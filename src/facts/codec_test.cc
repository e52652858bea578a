// SPDX-License-Identifier: MIT
#include "facts/codec.h"

#include <gtest/gtest.h>

#include <string>

namespace lf::facts {
namespace {

Machine full_machine() {
    Machine m;
    m.host = "carbon";
    m.system = "x86_64-linux";
    m.cpu = {.architecture = "x86_64",
             .vendor = "AuthenticAMD",
             .model_name = "AMD Ryzen 7 7840HS w/ Radeon 780M Graphics",
             .family = 25,
             .model = 116,
             .stepping = 1,
             .microarchitecture = "zen4",
             .features = {"avx2", "avx", "avx512_vnni"},
             .features_some = {"avx512f"},
             .cpus = 16,
             .cores = 8,
             .sockets = 1,
             .numa_nodes = 1,
             .hypervisor = std::nullopt};
    Gpu gpu;
    gpu.address = "0000:01:00.0";
    gpu.vendor = "nvidia";
    gpu.vendor_id = 0x10de;
    gpu.device_id = 0x25a2;
    gpu.name = "GA107M [GeForce RTX 3050 Mobile]";
    gpu.chip = "GA107";
    gpu.compute_capability = "8.6";
    gpu.integrated = false;
    gpu.driver = "nvidia";
    gpu.driver_version = "580.82.07";
    gpu.known_by = {{"compute_capability", "chip GA107"}};
    m.gpus = {gpu};
    m.memory_mib = 31342;
    m.cpu.source = "cpuid";
    m.cpu.march = "znver4";
    m.cpu.x86_64_level = 4;
    m.cpu.features_masked = {"pku"};
    m.cpu.kinds = {{.role = "performance", .name = "Zen 4", .midr = std::nullopt, .cpus = 16, .cores = 8}};
    m.cpu.caches = {{.level = 1, .type = "data", .kib = 32, .ways = 8, .line_bytes = 64, .instances = 8}};
    m.environment = Environment{};
    m.environment->os_id = "nixos";
    m.environment->store_free_gib = 200;
    m.notes = {"one thing could not be read"};
    return m;
}

// long: every field once
constexpr std::string_view kFullText = R"({
  "cpu": {
    "architecture": "x86_64",
    "caches": [
      {
        "instances": 8,
        "kib": 32,
        "level": 1,
        "line_bytes": 64,
        "type": "data",
        "ways": 8
      }
    ],
    "codename": null,
    "cores": 8,
    "cpus": 16,
    "family": 25,
    "features": [
      "avx",
      "avx2",
      "avx512_vnni"
    ],
    "features_masked": [
      "pku"
    ],
    "features_some": [
      "avx512f"
    ],
    "gccarch": null,
    "hypervisor": null,
    "kinds": [
      {
        "cores": 8,
        "cpus": 16,
        "midr": null,
        "name": "Zen 4",
        "role": "performance"
      }
    ],
    "march": "znver4",
    "microarchitecture": "zen4",
    "model": 116,
    "model_name": "AMD Ryzen 7 7840HS w/ Radeon 780M Graphics",
    "numa_nodes": 1,
    "offline_cpus": null,
    "sockets": 1,
    "source": "cpuid",
    "stepping": 1,
    "vendor": "AuthenticAMD",
    "x86_64_level": 4
  },
  "environment": {
    "allow_unfree": null,
    "container": null,
    "cpu_governor": null,
    "cpu_limit_milli": null,
    "kernel": null,
    "memory_channels": null,
    "memory_limit_mib": null,
    "memory_mts": null,
    "memory_type": null,
    "nix_system_features": [],
    "nix_version": null,
    "nixos_channel": null,
    "nixos_generation": null,
    "notes": [],
    "os": null,
    "os_id": "nixos",
    "os_version": null,
    "power_profile": null,
    "store_free_gib": 200
  },
  "gpus": [
    {
      "address": "0000:01:00.0",
      "architecture": null,
      "chip": "GA107",
      "compute_capability": "8.6",
      "device_id": "25a2",
      "driver": "nvidia",
      "driver_version": "580.82.07",
      "gfx_target": null,
      "integrated": false,
      "kfd": null,
      "known_by": {
        "compute_capability": "chip GA107"
      },
      "memory_mib": null,
      "name": "GA107M [GeForce RTX 3050 Mobile]",
      "partition": null,
      "shared_mib": null,
      "vendor": "nvidia",
      "vendor_id": "10de",
      "vulkan_driver": null
    }
  ],
  "host": "carbon",
  "memory_mib": 31342,
  "notes": [
    "one thing could not be read"
  ],
  "schema": "llama-fleet/facts",
  "system": "x86_64-linux",
  "version": 2
}
)";

std::string replaced(std::string_view from, std::string_view to) {
    std::string text(kFullText);
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

Error error_of(const std::string& text) {
    const auto machine = from_json(text, "facts.json");
    EXPECT_FALSE(machine.has_value()) << text;
    return machine ? Error{} : machine.error();
}

TEST(Codec, WritesExactlyTheseBytes) { EXPECT_EQ(to_json(full_machine()), kFullText); }

TEST(Codec, ReadsBackWhatItWrote) {
    const auto machine = from_json(kFullText, "facts.json");
    ASSERT_TRUE(machine.has_value()) << machine.error().message;
    EXPECT_EQ(to_json(*machine), kFullText);
    EXPECT_TRUE(machine->cpu.features.contains("avx512_vnni"));
    EXPECT_EQ(machine->gpus.at(0).device_id, 0x25a2);
}

TEST(Codec, EverythingUnknownIsNullAndReadsBack) {
    Machine empty;
    empty.host = "h";
    empty.system = "unknown-linux";
    empty.cpu.architecture = "unknown";
    const std::string text = to_json(empty);
    EXPECT_NE(text.find("\"memory_mib\": null"), std::string::npos);
    EXPECT_NE(text.find("\"features\": []"), std::string::npos);
    const auto machine = from_json(text, "facts.json");
    ASSERT_TRUE(machine.has_value()) << machine.error().message;
    EXPECT_EQ(to_json(*machine), text);
}

TEST(Codec, UnknownGpusAreNullAndNotNone) {
    Machine machine = full_machine();
    machine.gpus.clear();
    EXPECT_NE(to_json(machine).find("\"gpus\": []"), std::string::npos);
    machine.gpus_known = false;
    const std::string text = to_json(machine);
    EXPECT_NE(text.find("\"gpus\": null"), std::string::npos);
    const auto back = from_json(text, "file");
    ASSERT_TRUE(back);
    EXPECT_FALSE(back->gpus_known);
    EXPECT_TRUE(back->gpus.empty());
}

TEST(Codec, RefusesOtherVersionsByName) {
    EXPECT_EQ(error_of(replaced("\"version\": 2", "\"version\": 3")).id, "schema-version");
    EXPECT_EQ(error_of(replaced("llama-fleet/facts", "llama-fleet/plan")).id, "schema-name");
}

TEST(Codec, RefusesFieldsItDoesNotKnowAndMissesThoseItNeeds) {
    const Error unknown = error_of(replaced("\"cores\"", "\"kores\""));
    EXPECT_EQ(unknown.id, "json-missing-field");
    EXPECT_EQ(unknown.where.json_path, "/cpu/cores");
    const Error more = error_of(replaced("\"cores\": 8", "\"cores\": 8, \"serial\": 1"));
    EXPECT_EQ(more.id, "json-unknown-field");
    EXPECT_EQ(more.where.json_path, "/cpu/serial");
}

struct Hostile {
    std::string_view from, to, path;
};

// Values that no machine has, and that would do harm in a path, in Nix, in a shell or on a terminal.
constexpr Hostile kHostile[] = {
    {R"("carbon")", R"("../carbon")", "/host"},
    {R"("carbon")", R"("-rf")", "/host"},
    {R"("carbon")", R"("a b")", "/host"},
    {R"("carbon")", R"("a\nb")", "/host"},
    {R"("carbon")", R"("")", "/host"},
    {R"("x86_64-linux")", R"("x86_64-linux\" ; evil")", "/system"},
    {R"("zen4")", R"("zen\u001b[2J")", "/cpu/microarchitecture"},
    {R"("avx512f")", R"("avx512f ${x}")", "/cpu/features_some/0"},
    {R"("avx512f")", R"("avx2")", "/cpu/features_some"},
    {R"("0000:01:00.0")", R"("0000:01:00.9")", "/gpus/0/address"},
    {R"("0000:01:00.0")", R"("0000:01")", "/gpus/0/address"},
    {R"("vendor": "nvidia")", R"("vendor": "nvidea")", "/gpus/0/vendor"},
    {R"("10de")", R"("0x10de")", "/gpus/0/vendor_id"},
    {R"("8.6")", R"("8.6-real;")", "/gpus/0/compute_capability"},
    {R"("gfx_target": null)", R"raw("gfx_target": "gfx1103;$(id)")raw", "/gpus/0/gfx_target"},
    {R"("driver": "nvidia")", R"("driver": "a/b")", "/gpus/0/driver"},
    {R"("0000:01:00.0")", R"("platform:../x")", "/gpus/0/address"},
    {R"("580.82.07")", R"("580\u001b[0m")", "/gpus/0/driver_version"},
    {R"("chip GA107")", R"("chip\n")", "/gpus/0/known_by"},
    {R"("compute_capability": "chip)", R"("compute capability": "chip)", "/gpus/0/known_by"},
    {R"("cpuid")", R"("guess")", "/cpu/source"},
    {R"("performance")", R"("p")", "/cpu/kinds/0/role"},
    {R"("type": "data")", R"("type": "trace")", "/cpu/caches/0/type"},
    {R"("znver4")", R"("znver4 -O3")", "/cpu/march"},
    {R"("nixos")", R"("nixos;")", "/environment/os_id"},
    {R"("one thing could not be read")", R"("one\u0007")", "/notes/0"},
};

TEST(Codec, RefusesWhatNoMachineCanHave) {
    for (const Hostile& row : kHostile) {
        const Error error = error_of(replaced(row.from, row.to));
        EXPECT_EQ(error.id, "facts-value") << row.to;
        EXPECT_EQ(error.where.json_path, row.path) << row.to;
        EXPECT_EQ(error.where.file, "facts.json");
    }
}

TEST(Codec, BoundsNumbersAndSizes) {
    EXPECT_EQ(error_of(replaced("\"cpus\": 16", "\"cpus\": -1")).id, "json-range");
    EXPECT_EQ(error_of(replaced("\"cpus\": 16", "\"cpus\": 99999999999999999999")).id.substr(0, 5), "json-");
    EXPECT_EQ(error_of(replaced("31342", "1e300")).id, "json-type");
    EXPECT_EQ(error_of(std::string(9 << 20, ' ')).id, "facts-value");
    std::string many = "\"a0\"";
    for (int i = 1; i < 2000; ++i) many += ",\"a" + std::to_string(i) + "\"";
    EXPECT_EQ(error_of(replaced("\"avx512f\"", many)).id, "facts-value");
    EXPECT_EQ(error_of(replaced("GA107M", std::string(300, 'x'))).id, "facts-value");
}

TEST(Codec, HostNames) {
    for (const std::string_view good : {"carbon", "a", "_x", "node-1.lan", "A9"})
        EXPECT_TRUE(is_host_name(good)) << good;
    for (const std::string_view bad : {"", "-a", ".a", "a b", "a/b", "a\n", "ä", "a\"", "${a}"})
        EXPECT_FALSE(is_host_name(bad)) << bad;
    EXPECT_TRUE(is_host_name(std::string(63, 'a')));
    EXPECT_FALSE(is_host_name(std::string(64, 'a')));
    EXPECT_FALSE(is_host_name(std::string_view("a\0b", 3)));
}

}  // namespace
}  // namespace lf::facts
