// SPDX-License-Identifier: MIT
#include "bench/devices.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "bench/llama_bench.h"
#include "bench/run_once.h"

namespace lf::bench {
namespace {

constexpr std::chrono::seconds kListLimit{60};  // drivers of cards wake up slowly
constexpr std::size_t kMostDevices = 64;
constexpr std::string_view kSoftware[] = {"llvmpipe", "lavapipe", "softpipe", "SwiftShader"};
constexpr std::string_view kNoDevices[] = {"BLAS", "CPU", "AMX"};

std::string backend_name(std::string_view device) {
    return std::string(device.substr(0, device.find_first_of("0123456789[")));
}

/// "24105 MiB" at the beginning of `text`, which then stands behind it.
std::optional<std::int64_t> take_mib(std::string_view& text) {
    const std::size_t end = text.find(" MiB");
    if (end == std::string_view::npos) return std::nullopt;
    const auto number = parse_unsigned(text.substr(0, end));
    text.remove_prefix(end + 4);
    return number && *number < (1ULL << 40) ? std::optional(static_cast<std::int64_t>(*number)) : std::nullopt;
}

/// "  Vulkan0: llvmpipe (LLVM 22.1.8, 256 bits) (24105 MiB, 18139 MiB free)"
std::optional<Device> read_device(std::string_view line) {
    const std::size_t colon = line.find(": ");
    if (!line.starts_with("  ") || colon == std::string_view::npos || !line.ends_with(" free)")) return std::nullopt;
    Device device;
    device.name = printable(trim(line.substr(0, colon)));
    device.backend = backend_name(device.name);
    std::string_view rest = line.substr(colon + 2);
    const std::size_t memory = rest.rfind(" (");
    if (device.name.empty() || device.name.find_first_of(" ,/") != std::string::npos ||
        memory == std::string_view::npos)
        return std::nullopt;
    device.description = printable(rest.substr(0, memory)).substr(0, 200);
    rest.remove_prefix(memory + 2);
    const auto all = take_mib(rest);
    if (!all || !rest.starts_with(", ")) return std::nullopt;
    rest.remove_prefix(2);
    const auto free = take_mib(rest);
    if (!free) return std::nullopt;
    device.memory_mib = *all;
    device.free_mib = *free;
    return device;
}

/// Vulkan devices that ggml itself calls CPUs: "ggml_vulkan: 0 = …", then "ggml_vulkan: Warning: Device type is CPU."
std::vector<std::string> said_to_be_cpus(std::string_view err) {
    constexpr std::string_view kStart = "ggml_vulkan: ";
    std::vector<std::string> names;
    std::string current;
    for (std::string_view line : lines(err)) {
        if (!line.starts_with(kStart)) continue;
        line.remove_prefix(kStart.size());
        const std::string_view number = line.substr(0, line.find(" = "));
        if (number.size() < line.size() && parse_unsigned(number)) current = fmt::format("Vulkan{}", number);
        if (line.find("Device type is CPU") != std::string_view::npos) names.push_back(current);
    }
    return names;
}

}  // namespace

std::vector<Device> parse_devices(std::string_view out, std::string_view err) {
    const auto cpus = said_to_be_cpus(err);
    std::vector<Device> devices;
    for (const std::string_view line : lines(out)) {
        auto device = read_device(line);
        if (!device || devices.size() >= kMostDevices) continue;
        if (std::find(std::begin(kNoDevices), std::end(kNoDevices), device->backend) != std::end(kNoDevices)) continue;
        const auto names_it = [&](std::string_view word) {
            return device->description.find(word) != std::string::npos;
        };
        device->software = std::any_of(std::begin(kSoftware), std::end(kSoftware), names_it) ||
                           std::find(cpus.begin(), cpus.end(), device->name) != cpus.end();
        devices.push_back(std::move(*device));
    }
    return devices;
}

Result<std::vector<Device>> list_devices(const InstalledBuild& build, const Scratch& scratch,
                                         ProcessRunner& processes) {
    if (!build.backend_folder.empty() && build.backends.empty()) return std::vector<Device>{};
    if (!build.options.list_devices)
        return fail(world_error("bench-option", fmt::format("the llama-bench of {} cannot list devices", build.name),
                                "take a newer llama.cpp, or name the device"));
    LF_ASSIGN(Command command, start_command_for_all(build, scratch));
    command.argv.emplace_back("--list-devices");
    command.time_limit = kListLimit;
    auto finished = processes.run(command);
    if (!finished && finished.error().id == "interrupted") return fail(finished.error());
    if (finished && finished->exit_code == 0 && finished->signal == 0)
        return parse_devices(finished->out, finished->err);
    const std::string why = finished ? telling_line(finished->err) : finished.error().message;
    return fail(world_error("bench-devices",
                            fmt::format("the devices of {} cannot be listed: {}", build.name,
                                        why.empty() ? "llama-bench failed without a word" : why),
                            "run by hand: " + shown_command(command)));
}

}  // namespace lf::bench
