// SPDX-License-Identifier: MIT
#include "facts/codec.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "base/text.h"

namespace lf::facts {
namespace {

constexpr std::string_view kSchema = "llama-fleet/facts";
constexpr std::string_view kWordCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

// Greater than any real machine's, small enough that hostile facts cost nothing.
constexpr std::size_t kMaxText = 8 << 20;
constexpr std::size_t kMaxFeatures = 1024;
constexpr std::size_t kMaxGpus = 1024;
constexpr std::size_t kMaxNotes = 4096;
constexpr std::size_t kMaxName = 256;
constexpr std::size_t kMaxNote = 2048;
constexpr int kMaxNumber = 1 << 20;                      // CPUs, cores, nodes, family, model
constexpr std::int64_t kMaxMib = std::int64_t{1} << 44;  // 16 EiB

bool only_characters(std::string_view text, std::string_view more) {
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return kWordCharacters.find(c) != std::string_view::npos || more.find(c) != std::string_view::npos;
    });
}

/// One word: a feature, a driver, a chip's target. It may reach Nix and shell text.
bool is_word(std::string_view text) {
    return !text.empty() && text.size() <= 64 && only_characters(text, ".-") && text.front() != '-' &&
           text.front() != '.';
}

/// A line for people: no control bytes, valid UTF-8.
bool is_line(std::string_view text, std::size_t limit) { return text.size() <= limit && printable(text) == text; }

bool is_name(std::string_view text) { return is_line(text, kMaxName); }
bool is_note(std::string_view text) { return is_line(text, kMaxNote); }

bool digits(std::string_view text, std::size_t least, std::size_t most, std::string_view allowed) {
    return text.size() >= least && text.size() <= most && text.find_first_not_of(allowed) == std::string_view::npos;
}

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kDecimal = "0123456789";

/// dddd[d…]:bb:dd.f as in /sys/bus/pci/devices (a domain may have more than four digits).
bool is_pci_address(std::string_view text) {
    const std::vector<std::string_view> parts = split(text, ':');
    if (parts.size() != 3 || parts[2].size() != 4 || parts[2][2] != '.') return false;
    return digits(parts[0], 4, 8, kHex) && digits(parts[1], 2, 2, kHex) && digits(parts[2].substr(0, 2), 2, 2, kHex) &&
           digits(parts[2].substr(3), 1, 1, "01234567");
}

bool is_capability(std::string_view text) {
    const std::vector<std::string_view> parts = split(text, '.');
    return parts.size() == 2 && digits(parts[0], 1, 2, kDecimal) && digits(parts[1], 1, 1, kDecimal);
}

bool is_gfx(std::string_view text) { return text.starts_with("gfx") && digits(text.substr(3), 3, 5, kHex); }

bool is_gpu_vendor(std::string_view text) {
    constexpr std::string_view kVendors[] = {"nvidia", "amd", "intel", "other"};
    return std::find(std::begin(kVendors), std::end(kVendors), text) != std::end(kVendors);
}

/// Reads text fields and says which of them no machine can have.
class Fields {
  public:
    explicit Fields(ObjectReader& reader) : reader_(reader) {}
    using Rule = bool (*)(std::string_view);

    std::string text(const std::string& key, Rule rule) {
        std::string value = reader_.string(key);
        check(key, value, rule);
        return value;
    }
    std::optional<std::string> optional_text(const std::string& key, Rule rule) {
        std::optional<std::string> value = reader_.optional_string(key);
        if (value) check(key, *value, rule);
        return value;
    }
    std::vector<std::string> texts(const std::string& key, std::size_t most, Rule rule) {
        std::vector<std::string> values = reader_.strings(key);
        if (values.size() > most)
            reader_.reject(key, "facts-value", fmt::format("{} entries, at most {} can be real", values.size(), most));
        for (std::size_t i = 0; i < values.size() && i < most; ++i)
            check(fmt::format("{}/{}", key, i), values[i], rule);
        return values;
    }
    std::optional<int> number(const std::string& key) {
        const auto value = reader_.optional_integer(key, 0, kMaxNumber);
        return value ? std::optional<int>(static_cast<int>(*value)) : std::nullopt;
    }
    std::uint16_t pci_id(const std::string& key) {
        const std::string value = text(key, [](std::string_view id) { return digits(id, 4, 4, kHex); });
        return static_cast<std::uint16_t>(parse_unsigned(value, 16).value_or(0) & 0xffff);
    }

  private:
    void check(const std::string& key, const std::string& value, Rule rule) {
        // After an earlier error everything reads as ""; reject() keeps the first error.
        if (!rule(value))
            reader_.reject(key, "facts-value",
                           fmt::format("no machine can have '{}' here", printable(value.substr(0, 80))),
                           "make the facts again: llama-fleet probe");
    }
    ObjectReader& reader_;
};

template <class T>
Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json(nullptr);
}

Json json_of(const Cpu& cpu) {
    return {{"architecture", cpu.architecture},
            {"vendor", or_null(cpu.vendor)},
            {"model_name", or_null(cpu.model_name)},
            {"family", or_null(cpu.family)},
            {"model", or_null(cpu.model)},
            {"stepping", or_null(cpu.stepping)},
            {"microarchitecture", or_null(cpu.microarchitecture)},
            {"features", cpu.features},
            {"features_some", cpu.features_some},
            {"cpus", or_null(cpu.cpus)},
            {"cores", or_null(cpu.cores)},
            {"sockets", or_null(cpu.sockets)},
            {"numa_nodes", or_null(cpu.numa_nodes)},
            {"hypervisor", or_null(cpu.hypervisor)}};
}

Json json_of(const Gpu& gpu) {
    return {{"pci_address", gpu.pci_address},
            {"vendor", gpu.vendor},
            {"vendor_id", fmt::format("{:04x}", gpu.vendor_id)},
            {"device_id", fmt::format("{:04x}", gpu.device_id)},
            {"name", or_null(gpu.name)},
            {"chip", or_null(gpu.chip)},
            {"compute_capability", or_null(gpu.compute_capability)},
            {"gfx_target", or_null(gpu.gfx_target)},
            {"integrated", or_null(gpu.integrated)},
            {"driver", or_null(gpu.driver)}};
}

FeatureSet as_set(std::vector<std::string> names) {
    return {std::make_move_iterator(names.begin()), std::make_move_iterator(names.end())};
}

Result<Cpu> read_cpu(const Json& json, const std::string& file, const std::string& path) {
    ObjectReader reader(json, file, path);
    Fields fields(reader);
    Cpu cpu;
    cpu.architecture = fields.text("architecture", is_word);
    cpu.vendor = fields.optional_text("vendor", is_name);
    cpu.model_name = fields.optional_text("model_name", is_name);
    cpu.family = fields.number("family");
    cpu.model = fields.number("model");
    cpu.stepping = fields.number("stepping");
    cpu.microarchitecture = fields.optional_text("microarchitecture", is_name);
    cpu.features = as_set(fields.texts("features", kMaxFeatures, is_word));
    cpu.features_some = as_set(fields.texts("features_some", kMaxFeatures, is_word));
    cpu.cpus = fields.number("cpus");
    cpu.cores = fields.number("cores");
    cpu.sockets = fields.number("sockets");
    cpu.numa_nodes = fields.number("numa_nodes");
    cpu.hypervisor = fields.optional_text("hypervisor", is_name);
    for (const std::string& feature : cpu.features)
        if (cpu.features_some.contains(feature))
            reader.reject("features_some", "facts-value",
                          fmt::format("'{}' stands in features too: it is on every CPU or on some", feature));
    LF_TRY(reader.finish());
    return cpu;
}

Result<Gpu> read_gpu(const Json& json, const std::string& file, const std::string& path) {
    ObjectReader reader(json, file, path);
    Fields fields(reader);
    Gpu gpu;
    gpu.pci_address = fields.text("pci_address", is_pci_address);
    gpu.vendor = fields.text("vendor", is_gpu_vendor);
    gpu.vendor_id = fields.pci_id("vendor_id");
    gpu.device_id = fields.pci_id("device_id");
    gpu.name = fields.optional_text("name", is_name);
    gpu.chip = fields.optional_text("chip", is_name);
    gpu.compute_capability = fields.optional_text("compute_capability", is_capability);
    gpu.gfx_target = fields.optional_text("gfx_target", is_gfx);
    gpu.integrated = reader.optional_boolean("integrated");
    gpu.driver = fields.optional_text("driver", is_word);
    LF_TRY(reader.finish());
    return gpu;
}

}  // namespace

std::string to_json(const Machine& machine) {
    Json gpus = Json::array();
    for (const Gpu& gpu : machine.gpus) gpus.push_back(json_of(gpu));
    return write_json({{"schema", kSchema},
                       {"version", kFactsVersion},
                       {"host", machine.host},
                       {"system", machine.system},
                       {"cpu", json_of(machine.cpu)},
                       {"gpus", std::move(gpus)},
                       {"memory_mib", or_null(machine.memory_mib)},
                       {"notes", machine.notes}});
}

Result<Machine> from_json(std::string_view text, const std::string& file) {
    if (text.size() > kMaxText) {
        Error error = world_error("facts-value", fmt::format("{} bytes are no machine's facts", text.size()));
        error.where.file = file;
        return fail(std::move(error));
    }
    LF_ASSIGN(const Json json, parse_json(text, file));
    ObjectReader reader(json, file);
    reader.schema(kSchema, kFactsVersion);
    Fields fields(reader);
    Machine machine;
    machine.host = fields.text("host", is_host_name);
    machine.system = fields.text("system", is_word);
    if (auto cpu = read_cpu(reader.value("cpu"), file, "/cpu")) machine.cpu = std::move(*cpu);
    else reader.take(fail(std::move(cpu.error())));
    reader.each("gpus", [&](const Json& element, const std::string& path) -> Done {
        LF_ASSIGN(Gpu gpu, read_gpu(element, file, path));
        machine.gpus.push_back(std::move(gpu));
        return {};
    });
    if (machine.gpus.size() > kMaxGpus)
        reader.reject("gpus", "facts-value", fmt::format("more than {} GPUs in one machine", kMaxGpus));
    machine.memory_mib = reader.optional_integer("memory_mib", 0, kMaxMib);
    machine.notes = fields.texts("notes", kMaxNotes, is_note);
    LF_TRY(reader.finish());
    return machine;
}

bool is_host_name(std::string_view name) {
    return !name.empty() && name.size() <= 63 && only_characters(name.substr(0, 1), "") && only_characters(name, ".-");
}

}  // namespace lf::facts
