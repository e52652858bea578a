// SPDX-License-Identifier: MIT
#include "facts/codec.h"

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "facts/value_rules.h"

namespace lf::facts {
namespace {

constexpr std::string_view kSchema = "llama-fleet/facts";
constexpr std::size_t kMaxText = 8 << 20;
constexpr std::size_t kMaxFeatures = 1024;
constexpr std::size_t kMaxGpus = 1024;
constexpr std::size_t kMaxKinds = 256;  // of cores, of caches
constexpr std::size_t kMaxNotes = 4096;

/// Reads text fields and says which of them no machine can have.
class Fields {
  public:
    explicit Fields(ObjectReader& reader) : reader_(reader) {}
    using Rule = bool (*)(std::string_view);
    std::string text(const std::string& key, Rule rule);
    std::optional<std::string> optional_text(const std::string& key, Rule rule);
    std::vector<std::string> texts(const std::string& key, std::size_t most, Rule rule);
    std::optional<int> number(const std::string& key);
    std::uint16_t pci_id(const std::string& key);

  private:
    void check(const std::string& key, const std::string& value, Rule rule);
    ObjectReader& reader_;
};

std::string Fields::text(const std::string& key, Rule rule) {
    std::string value = reader_.string(key);
    check(key, value, rule);
    return value;
}

std::optional<std::string> Fields::optional_text(const std::string& key, Rule rule) {
    std::optional<std::string> value = reader_.optional_string(key);
    if (value) check(key, *value, rule);
    return value;
}

std::vector<std::string> Fields::texts(const std::string& key, std::size_t most, Rule rule) {
    std::vector<std::string> values = reader_.strings(key);
    if (values.size() > most)
        reader_.reject(key, "facts-value", fmt::format("{} entries, at most {} can be real", values.size(), most));
    for (std::size_t i = 0; i < values.size() && i < most; ++i) check(fmt::format("{}/{}", key, i), values[i], rule);
    return values;
}

std::optional<int> Fields::number(const std::string& key) {
    const auto value = reader_.optional_integer(key, 0, kMaxNumber);
    return value ? std::optional<int>(static_cast<int>(*value)) : std::nullopt;
}

std::uint16_t Fields::pci_id(const std::string& key) {
    return static_cast<std::uint16_t>(parse_unsigned(text(key, is_pci_id), 16).value_or(0) & 0xffff);
}

void Fields::check(const std::string& key, const std::string& value, Rule rule) {
    // After an earlier error everything reads as ""; reject() keeps the first error.
    if (!rule(value))
        reader_.reject(key, "facts-value", fmt::format("no machine can have '{}' here", printable(value.substr(0, 80))),
                       "make the facts again: llama-fleet probe");
}

// The fields of Environment by their type.
template <class T>
struct EnvironmentField {
    const char* key;
    std::optional<T> Environment::*field;
    Fields::Rule rule = nullptr;  // for texts
};
constexpr EnvironmentField<std::string> kEnvironmentTexts[] = {
    {"os", &Environment::os, is_name},
    {"os_id", &Environment::os_id, is_word},
    {"os_version", &Environment::os_version, is_name},
    {"nixos_channel", &Environment::nixos_channel, is_name},
    {"kernel", &Environment::kernel, is_name},
    {"container", &Environment::container, is_word},
    {"nix_version", &Environment::nix_version, is_name},
    {"memory_type", &Environment::memory_type, is_word},
    {"cpu_governor", &Environment::cpu_governor, is_word},
    {"power_profile", &Environment::power_profile, is_word},
};
constexpr EnvironmentField<int> kEnvironmentNumbers[] = {
    {"nixos_generation", &Environment::nixos_generation},
    {"cpu_limit_milli", &Environment::cpu_limit_milli},
    {"memory_mts", &Environment::memory_mts},
    {"memory_channels", &Environment::memory_channels},
};
constexpr EnvironmentField<std::int64_t> kEnvironmentSizes[] = {
    {"store_free_gib", &Environment::store_free_gib},
    {"memory_limit_mib", &Environment::memory_limit_mib},
};

template <class T>
Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json(nullptr);
}

Json json_of(const CoreKind& kind) {
    return {{"role", or_null(kind.role)},
            {"name", or_null(kind.name)},
            {"midr", or_null(kind.midr)},
            {"cpus", or_null(kind.cpus)},
            {"cores", or_null(kind.cores)}};
}

Json json_of(const Cache& cache) {
    return {{"level", cache.level},
            {"type", cache.type},
            {"kib", cache.kib},
            {"ways", or_null(cache.ways)},
            {"line_bytes", or_null(cache.line_bytes)},
            {"instances", or_null(cache.instances)}};
}

Json json_of(const Cpu& cpu) {
    Json kinds = Json::array();
    for (const CoreKind& kind : cpu.kinds) kinds.push_back(json_of(kind));
    Json caches = Json::array();
    for (const Cache& cache : cpu.caches) caches.push_back(json_of(cache));
    return {{"architecture", cpu.architecture},
            {"source", or_null(cpu.source)},
            {"vendor", or_null(cpu.vendor)},
            {"model_name", or_null(cpu.model_name)},
            {"family", or_null(cpu.family)},
            {"model", or_null(cpu.model)},
            {"stepping", or_null(cpu.stepping)},
            {"microarchitecture", or_null(cpu.microarchitecture)},
            {"codename", or_null(cpu.codename)},
            {"march", or_null(cpu.march)},
            {"gccarch", or_null(cpu.gccarch)},
            {"x86_64_level", or_null(cpu.x86_64_level)},
            {"features", cpu.features},
            {"features_some", cpu.features_some},
            {"features_masked", cpu.features_masked},
            {"cpus", or_null(cpu.cpus)},
            {"offline_cpus", or_null(cpu.offline_cpus)},
            {"cores", or_null(cpu.cores)},
            {"sockets", or_null(cpu.sockets)},
            {"numa_nodes", or_null(cpu.numa_nodes)},
            {"kinds", std::move(kinds)},
            {"caches", std::move(caches)},
            {"hypervisor", or_null(cpu.hypervisor)}};
}

Json json_of(const Gpu& gpu) {
    return {{"address", gpu.address},
            {"architecture", or_null(gpu.architecture)},
            {"vendor", gpu.vendor},
            {"vendor_id", fmt::format("{:04x}", gpu.vendor_id)},
            {"device_id", fmt::format("{:04x}", gpu.device_id)},
            {"name", or_null(gpu.name)},
            {"chip", or_null(gpu.chip)},
            {"compute_capability", or_null(gpu.compute_capability)},
            {"gfx_target", or_null(gpu.gfx_target)},
            {"integrated", or_null(gpu.integrated)},
            {"driver", or_null(gpu.driver)},
            {"driver_version", or_null(gpu.driver_version)},
            {"memory_mib", or_null(gpu.memory_mib)},
            {"shared_mib", or_null(gpu.shared_mib)},
            {"kfd", or_null(gpu.kfd)},
            {"vulkan_driver", or_null(gpu.vulkan_driver)},
            {"partition", or_null(gpu.partition)},
            {"known_by", gpu.known_by}};
}

Json json_of(const Environment& environment) {
    Json out = {{"nix_system_features", environment.nix_system_features}, {"notes", environment.notes}};
    out["allow_unfree"] = or_null(environment.allow_unfree);
    for (const auto& row : kEnvironmentTexts) out[row.key] = or_null(environment.*row.field);
    for (const auto& row : kEnvironmentNumbers) out[row.key] = or_null(environment.*row.field);
    for (const auto& row : kEnvironmentSizes) out[row.key] = or_null(environment.*row.field);
    return out;
}

FeatureSet as_set(std::vector<std::string> names) {
    return {std::make_move_iterator(names.begin()), std::make_move_iterator(names.end())};
}

Result<CoreKind> read_kind(const Json& json, const std::string& file, const std::string& path) {
    ObjectReader reader(json, file, path);
    Fields fields(reader);
    CoreKind kind;
    kind.role = fields.optional_text("role", is_role);
    kind.name = fields.optional_text("name", is_name);
    kind.midr = fields.optional_text("midr", is_midr);
    kind.cpus = fields.number("cpus");
    kind.cores = fields.number("cores");
    LF_TRY(reader.finish());
    return kind;
}

Result<Cache> read_cache(const Json& json, const std::string& file, const std::string& path) {
    ObjectReader reader(json, file, path);
    Fields fields(reader);
    Cache cache;
    cache.level = static_cast<int>(reader.integer("level", 1, 4));
    cache.type = fields.text("type", is_cache_type);
    cache.kib = reader.integer("kib", 0, kMaxMib);
    cache.ways = fields.number("ways");
    cache.line_bytes = fields.number("line_bytes");
    cache.instances = fields.number("instances");
    LF_TRY(reader.finish());
    return cache;
}

Result<Environment> read_environment(const Json& json, const std::string& file, const std::string& path) {
    ObjectReader reader(json, file, path);
    Fields fields(reader);
    Environment environment;
    for (const auto& row : kEnvironmentTexts) environment.*row.field = fields.optional_text(row.key, row.rule);
    for (const auto& row : kEnvironmentNumbers) environment.*row.field = fields.number(row.key);
    for (const auto& row : kEnvironmentSizes) environment.*row.field = reader.optional_integer(row.key, 0, kMaxMib);
    environment.nix_system_features = fields.texts("nix_system_features", kMaxFeatures, is_name);
    environment.allow_unfree = reader.optional_boolean("allow_unfree");
    environment.notes = fields.texts("notes", kMaxNotes, is_note);
    LF_TRY(reader.finish());
    return environment;
}

/// Text fields by the name of what they tell of.
std::map<std::string, std::string> read_known_by(ObjectReader& reader) {
    std::map<std::string, std::string> out;
    const Json& json = reader.value("known_by");
    if (!json.is_object() || json.size() > 64) {
        reader.reject("known_by", "facts-value", "not an object of at most 64 texts");
        return out;
    }
    for (const auto& [key, value] : json.items()) {
        if (is_word(key) && value.is_string() && is_name(value.get_ref<const std::string&>()))
            out[key] = value.get<std::string>();
        else reader.reject("known_by", "facts-value", fmt::format("not a text: {}", printable(key.substr(0, 80))));
    }
    return out;
}

template <class T>
void read_each(ObjectReader& reader, const std::string& key,
               Result<T> (*read)(const Json&, const std::string&, const std::string&), std::vector<T>& out) {
    reader.each(key, [&](const Json& element, const std::string& path) -> Done {
        LF_ASSIGN(T value, read(element, reader.file(), path));
        out.push_back(std::move(value));
        return {};
    });
}

Result<Cpu> read_cpu(const Json& json, const std::string& file, const std::string& path) {
    ObjectReader reader(json, file, path);
    Fields fields(reader);
    Cpu cpu;
    cpu.architecture = fields.text("architecture", is_word);
    cpu.source = fields.optional_text("source", is_cpu_source);
    cpu.vendor = fields.optional_text("vendor", is_name);
    cpu.model_name = fields.optional_text("model_name", is_name);
    cpu.family = fields.number("family");
    cpu.model = fields.number("model");
    cpu.stepping = fields.number("stepping");
    cpu.microarchitecture = fields.optional_text("microarchitecture", is_name);
    cpu.codename = fields.optional_text("codename", is_name);
    cpu.march = fields.optional_text("march", is_word);
    cpu.gccarch = fields.optional_text("gccarch", is_word);
    if (const auto level = reader.optional_integer("x86_64_level", 1, 4)) cpu.x86_64_level = static_cast<int>(*level);
    cpu.features = as_set(fields.texts("features", kMaxFeatures, is_word));
    cpu.features_some = as_set(fields.texts("features_some", kMaxFeatures, is_word));
    cpu.features_masked = as_set(fields.texts("features_masked", kMaxFeatures, is_word));
    cpu.cpus = fields.number("cpus");
    cpu.offline_cpus = fields.number("offline_cpus");
    cpu.cores = fields.number("cores");
    cpu.sockets = fields.number("sockets");
    cpu.numa_nodes = fields.number("numa_nodes");
    read_each(reader, "kinds", read_kind, cpu.kinds);
    read_each(reader, "caches", read_cache, cpu.caches);
    if (cpu.kinds.size() > kMaxKinds || cpu.caches.size() > kMaxKinds)
        reader.reject("kinds", "facts-value", fmt::format("more than {} kinds of cores or caches", kMaxKinds));
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
    gpu.address = fields.text("address", is_gpu_address);
    gpu.architecture = fields.optional_text("architecture", is_name);
    gpu.vendor = fields.text("vendor", is_gpu_vendor);
    gpu.vendor_id = fields.pci_id("vendor_id");
    gpu.device_id = fields.pci_id("device_id");
    gpu.name = fields.optional_text("name", is_name);
    gpu.chip = fields.optional_text("chip", is_name);
    gpu.compute_capability = fields.optional_text("compute_capability", is_capability);
    gpu.gfx_target = fields.optional_text("gfx_target", is_gfx);
    gpu.integrated = reader.optional_boolean("integrated");
    gpu.driver = fields.optional_text("driver", is_word);
    gpu.driver_version = fields.optional_text("driver_version", is_name);
    gpu.memory_mib = reader.optional_integer("memory_mib", 0, kMaxMib);
    gpu.shared_mib = reader.optional_integer("shared_mib", 0, kMaxMib);
    gpu.kfd = reader.optional_boolean("kfd");
    gpu.vulkan_driver = fields.optional_text("vulkan_driver", is_word);
    gpu.partition = fields.optional_text("partition", is_word);
    gpu.known_by = read_known_by(reader);
    LF_TRY(reader.finish());
    return gpu;
}

/// Version 1 as version 2 writes it: null and empty for what it did not hold.
Json with_version_2(Json json) {
    json["version"] = kFactsVersion;
    json["environment"] = nullptr;
    if (const auto cpu = json.find("cpu"); cpu != json.end() && cpu->is_object()) {
        for (const char* key : {"source", "codename", "march", "gccarch", "x86_64_level", "offline_cpus"})
            (*cpu)[key] = nullptr;
        for (const char* key : {"features_masked", "kinds", "caches"}) (*cpu)[key] = Json::array();
    }
    if (const auto gpus = json.find("gpus"); gpus == json.end() || !gpus->is_array()) return json;
    for (Json& gpu : json["gpus"]) {
        if (!gpu.is_object()) continue;
        if (const auto address = gpu.find("pci_address"); address != gpu.end()) {
            gpu["address"] = *address;
            gpu.erase("pci_address");
        }
        for (const char* key : {"architecture", "driver_version", "memory_mib", "shared_mib", "kfd", "vulkan_driver"})
            gpu[key] = nullptr;
        gpu["partition"] = nullptr;
        gpu["known_by"] = Json::object();
    }
    return json;
}

bool is_version_1(const Json& json) {
    if (!json.is_object() || json.value("schema", Json()) != kSchema) return false;
    const auto version = json.find("version");
    return version != json.end() && version->is_number_integer() && *version == 1;
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
                       {"gpus", machine.gpus_known ? std::move(gpus) : Json(nullptr)},
                       {"memory_mib", or_null(machine.memory_mib)},
                       {"environment", machine.environment ? json_of(*machine.environment) : Json(nullptr)},
                       {"notes", machine.notes}});
}

Result<Machine> from_json(std::string_view text, const std::string& file) {
    if (text.size() > kMaxText) {
        Error error = world_error("facts-value", fmt::format("{} bytes are no machine's facts", text.size()));
        error.where.file = file;
        return fail(std::move(error));
    }
    LF_ASSIGN(Json json, parse_json(text, file));
    if (is_version_1(json)) json = with_version_2(std::move(json));
    ObjectReader reader(json, file);
    reader.schema(kSchema, kFactsVersion);
    Fields fields(reader);
    Machine machine;
    machine.host = fields.text("host", is_host_name);
    machine.system = fields.text("system", is_word);
    if (auto cpu = read_cpu(reader.value("cpu"), file, "/cpu")) machine.cpu = std::move(*cpu);
    else reader.take(fail(std::move(cpu.error())));
    machine.gpus_known = !reader.value("gpus").is_null();
    if (machine.gpus_known) read_each(reader, "gpus", read_gpu, machine.gpus);
    if (machine.gpus.size() > kMaxGpus)
        reader.reject("gpus", "facts-value", fmt::format("more than {} GPUs in one machine", kMaxGpus));
    machine.memory_mib = reader.optional_integer("memory_mib", 0, kMaxMib);
    if (const Json& environment = reader.value("environment"); !environment.is_null()) {
        if (auto read = read_environment(environment, file, "/environment")) machine.environment = std::move(*read);
        else reader.take(fail(std::move(read.error())));
    }
    machine.notes = fields.texts("notes", kMaxNotes, is_note);
    LF_TRY(reader.finish());
    return machine;
}

Machine without_environment(Machine machine) {
    machine.environment.reset();
    return machine;
}

}  // namespace lf::facts
