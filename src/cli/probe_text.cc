// SPDX-License-Identifier: MIT
#include "cli/probe_text.h"

#include <fmt/format.h>

#include <optional>
#include <vector>

#include "base/text.h"
#include "base/wrap.h"
#include "plan/explain.h"

namespace lf::cli {
namespace {

/// The parts that are known, with commas between them.
class Words {
  public:
    template <typename Value>
    void add(std::string_view form, const std::optional<Value>& value) {
        if (value) parts_.push_back(fmt::format(fmt::runtime(form), *value));
    }
    void add(std::string_view form, const std::optional<std::string>& value) {
        if (value && !value->empty()) parts_.push_back(fmt::format(fmt::runtime(form), printable(*value)));
    }
    void add(std::string part) { parts_.push_back(std::move(part)); }
    void count(const std::optional<int>& number, std::string_view one) {
        if (number) parts_.push_back(fmt::format("{} {}{}", *number, one, *number == 1 ? "" : "s"));
    }
    std::string text() const { return join(parts_, ", "); }

  private:
    std::vector<std::string> parts_;
};

std::string row(std::string_view label, std::string_view text) {
    return text.empty() ? "" : wrapped(fmt::format("  {:<10}", label), text);
}

std::string size_words(std::int64_t mib) {
    return mib % 1024 == 0 ? fmt::format("{} GiB", mib / 1024) : fmt::format("{} MiB", mib);
}

std::optional<std::string> size_words(const std::optional<std::int64_t>& mib) {
    return mib ? std::optional(size_words(*mib)) : std::nullopt;
}

std::string kind_words(const facts::CoreKind& kind) {
    std::string out = kind.cores ? fmt::format("{} ", *kind.cores) : "";
    if (kind.role) out += printable(*kind.role) + " ";
    out += kind.cores == 1 ? "core" : "cores";
    return kind.name ? fmt::format("{} ({})", out, printable(*kind.name)) : out;
}

std::string core_words(const facts::Cpu& cpu) {
    Words words;
    if (cpu.kinds.size() > 1) {
        for (const facts::CoreKind& kind : cpu.kinds) words.add(kind_words(kind));
    } else {
        words.count(cpu.cores, "core");
    }
    words.count(cpu.sockets, "socket");
    if (cpu.numa_nodes.value_or(1) > 1) words.count(cpu.numa_nodes, "NUMA node");
    if (cpu.offline_cpus.value_or(0) > 0) words.add("{} CPUs offline", cpu.offline_cpus);
    words.add("{}", cpu.codename);
    words.add("GCC's {}", cpu.march);
    words.add("x86-64-v{}", cpu.x86_64_level);
    words.add("virtual ({})", cpu.hypervisor);
    return words.text();
}

std::string cache_words(const facts::Cpu& cpu) {
    Words words;
    for (const facts::Cache& cache : cpu.caches) {
        const std::string_view letter = cache.type == "data" ? "d" : cache.type == "instruction" ? "i" : "";
        const std::string times = cache.instances ? fmt::format("{} × ", *cache.instances) : "";
        const std::string size = cache.kib >= 1024 && cache.kib % 1024 == 0 ? size_words(cache.kib / 1024)
                                                                            : fmt::format("{} KiB", cache.kib);
        words.add(fmt::format("L{}{} {}{}", cache.level, letter, times, size));
    }
    return words.text();
}

std::string driver_words(const facts::Gpu& gpu) {
    if (!gpu.driver) return "no driver bound";
    return "driver " + printable(*gpu.driver) + (gpu.driver_version ? " " + printable(*gpu.driver_version) : "");
}

/// A card: where it is, what it is, and what it has.
std::string card_row(const facts::Gpu& gpu) {
    Words words;
    words.add(printable(gpu.address) + " " + plan::gpu_words(gpu));
    words.add("{}", gpu.architecture);
    words.add("{}", size_words(gpu.memory_mib));
    words.add("{} of the machine's memory", size_words(gpu.shared_mib));
    if (!gpu.memory_mib && gpu.integrated != true) words.add("memory unknown");
    words.add(driver_words(gpu));
    words.add("Vulkan {}", gpu.vulkan_driver);
    words.add("partition {}", gpu.partition);
    return row("gpu", words.text());
}

std::string memory_words(const facts::Machine& machine) {
    Words words;
    words.add("{}", size_words(machine.memory_mib));
    if (!machine.environment) return words.text();
    const facts::Environment& now = *machine.environment;
    words.add("{}", now.memory_type);
    words.add("{} MT/s", now.memory_mts);
    words.count(now.memory_channels, "channel");
    words.add("limit {}", size_words(now.memory_limit_mib));
    return words.text();
}

std::string system_words(const facts::Machine& machine) {
    Words words;
    words.add(printable(machine.system));
    if (!machine.environment) return words.text();
    const facts::Environment& now = *machine.environment;
    words.add("{}", now.os ? now.os : now.os_id);
    words.add("Linux {}", now.kernel);
    words.add("in {}", now.container);
    words.add("Nix {}", now.nix_version);
    if (now.cpu_limit_milli) words.add(fmt::format("limit {:.1f} CPUs", *now.cpu_limit_milli / 1000.0));
    words.add("governor {}", now.cpu_governor);
    words.add("{} GiB free for builds", now.store_free_gib);
    return words.text();
}

std::string feature_words(const facts::FeatureSet& features) {
    return printable(join(std::vector<std::string>(features.begin(), features.end()), " "));
}

}  // namespace

std::string machine_text(const facts::Machine& machine) {
    std::string out = wrapped(printable(machine.host) + ": ", plan::cpu_words(machine));
    out += row("cpu", core_words(machine.cpu));
    out += row("caches", cache_words(machine.cpu));
    for (const facts::Gpu& gpu : machine.gpus) out += card_row(gpu);
    if (machine.gpus.empty()) out += row("gpu", machine.gpus_known ? "none seen" : "unknown");
    out += row("memory", memory_words(machine));
    out += row("system", system_words(machine));
    out += row("features", feature_words(machine.cpu.features));
    out += row("on some", feature_words(machine.cpu.features_some));
    out += row("masked", feature_words(machine.cpu.features_masked));
    for (const std::string& note : machine.notes) out += wrapped("  note: ", printable(note));
    if (machine.environment)
        for (const std::string& note : machine.environment->notes) out += wrapped("  note: ", printable(note));
    return out;
}

}  // namespace lf::cli
