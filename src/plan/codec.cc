// SPDX-License-Identifier: MIT
#include "plan/codec.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "facts/codec.h"
#include "plan/rules_cuda.h"

namespace lf::plan {
namespace {

constexpr std::string_view kSchema = "llama-fleet/plan";

// --- writing
// -----------------------------------------------------------------------------------------------------------

Json json_of(const Flags& flags) {
    Json out = Json::object();
    for (const auto& [name, value] : flags) {
        const bool* on = std::get_if<bool>(&value);
        out[name] = on != nullptr ? Json(*on) : Json(std::get<std::string>(value));
    }
    return out;
}

Json json_of(const std::optional<std::string>& text) { return text ? Json(*text) : Json(nullptr); }

Json json_of(const Build& build) {
    return {
        {"strategy", build.strategy},
        {"package", build.package},
        {"source", build.source},
        {"blas", build.blas},
        {"openmp", build.openmp},
        {"server", build.server},
        {"cpu",
         {{"flags", json_of(build.cpu_flags)},
          {"variant", json_of(build.cpu_variant)},
          {"native", json_of(build.cpu_native)}}},
        {"cuda", {{"architectures", json_of(build.cuda_architectures)}, {"packages", json_of(build.cuda_packages)}}},
        {"rocm", {{"targets", json_of(build.rocm_targets)}}},
        {"multi", build.multi},
        {"extraFlags", json_of(build.extra_flags)}};
}

Json json_of(const Because& line) {
    return {{"line", line.line},     {"value", line.value}, {"rule", line.rule},
            {"reason", line.reason}, {"facts", line.facts}, {"losers", line.losers}};
}

// --- reading: everything that reaches Nix or a shell is checked
// ----------------------------------------------------------

Error wrong(const std::string& file, const std::string& path, std::string message) {
    Error error = world_error("plan-value", std::move(message),
                              "plans are made by llama-fleet: make it again with `llama-fleet fit`");
    error.where.file = file;
    error.where.json_path = path;
    return error;
}

bool only(std::string_view text, std::string_view extra, bool capitals) {
    return !text.empty() && text.size() <= 512 && std::ranges::all_of(text, [&](char c) {
        return (c >= 'a' && c <= 'z' && !capitals) || (c >= 'A' && c <= 'Z' && capitals) || (c >= '0' && c <= '9') ||
               extra.find(c) != std::string_view::npos;
    });
}

bool is_flag_name(std::string_view name) { return only(name, "_", true) && name.size() <= 64; }
bool is_variant(std::string_view name) { return only(name, "_.", false); }
bool is_native(std::string_view name) { return only(name, "_.-", false); }
/// As nix/overlay.nix: [a-z0-9-]+(;[a-z0-9-]+)*
bool is_targets(std::string_view text) {
    return std::ranges::all_of(split(text, ';'), [](std::string_view part) { return only(part, "-", false); });
}
/// As facts have it: one word.
bool is_system(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("_.-").find(c) != std::string_view::npos;
    });
}
bool is_flag_value(std::string_view text) {
    return text.size() <= 512 && std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      std::string_view("_.,:;+=/@%-").find(c) != std::string_view::npos;
           });
}

class BuildReader {
  public:
    explicit BuildReader(std::string file) : file_(std::move(file)) {}

    Result<Build> read(const Json& json) const {
        const std::string path = "/build";
        ObjectReader r(json, file_, path);
        Build build;
        build.strategy = word(r, "strategy", {"tailored", "universal", "builder-native"});
        build.package = word(r, "package",
                             {"llama-cpp-cpu", "llama-cpp-cuda", "llama-cpp-vulkan", "llama-cpp-rocm",
                              "llama-cpp-multi", "llama-cpp-universal"});
        build.source = word(r, "source", {"flake", "nixpkgs"});
        build.blas = r.boolean("blas");
        build.openmp = r.boolean("openmp");
        build.server = r.boolean("server");
        read_cpu(r, build);
        read_cuda(r, build);
        ObjectReader rocm(r.value("rocm"), file_, r.path_of("rocm"));
        build.rocm_targets = target(rocm, "targets");
        r.take(rocm.finish());
        r.each("multi", [&](const Json& element, const std::string& at) -> Done {
            const std::string name = element.is_string() ? element.get<std::string>() : "";
            if (name != "cuda" && name != "rocm" && name != "vulkan")
                return fail(wrong(file_, at, "expected cuda, rocm or vulkan"));
            build.multi.push_back(name);
            return {};
        });
        r.take(read_flags(r.value("extraFlags"), r.path_of("extraFlags"), build.extra_flags));
        LF_TRY(r.finish());
        return build;
    }

  private:
    std::string word(ObjectReader& r, const std::string& key, const std::vector<std::string>& known) const {
        std::string text = r.string(key);
        if (std::ranges::count(known, text) > 0) return text;
        const auto near = did_you_mean(text, known);
        r.reject(key, "plan-value", fmt::format("unknown {} '{}'", key, printable(text)),
                 near ? fmt::format("did you mean '{}'?", *near) : "");
        return {};
    }

    Done read_flags(const Json& json, const std::string& path, Flags& flags) const {
        if (!json.is_object()) return fail(wrong(file_, path, "expected an object of flags"));
        for (const auto& item : json.items()) {
            if (!is_flag_name(item.key()))
                return fail(wrong(file_, path, fmt::format("'{}' is no name of a flag", printable(item.key()))));
            if (item.value().is_boolean()) {
                flags[item.key()] = item.value().get<bool>();
            } else if (item.value().is_string() && is_flag_value(item.value().get_ref<const std::string&>())) {
                flags[item.key()] = item.value().get<std::string>();
            } else {
                return fail(wrong(file_, path + "/" + item.key(), "a flag is true, false or a string without blanks"));
            }
        }
        return {};
    }

    void read_cpu(ObjectReader& r, Build& build) const {
        ObjectReader cpu(r.value("cpu"), file_, r.path_of("cpu"));
        cpu.take(read_flags(cpu.value("flags"), cpu.path_of("flags"), build.cpu_flags));
        build.cpu_variant = cpu.optional_string("variant");
        if (build.cpu_variant && !is_variant(*build.cpu_variant))
            cpu.reject("variant", "plan-value", "no name of a CPU variant");
        // Plans from before have none.
        if (cpu.has("native")) build.cpu_native = cpu.optional_string("native");
        if (build.cpu_native && !is_native(*build.cpu_native))
            cpu.reject("native", "plan-value", "no name of a CPU such as zen4-0a1b2c3d");
        r.take(cpu.finish());
    }

    void read_cuda(ObjectReader& r, Build& build) const {
        ObjectReader cuda(r.value("cuda"), file_, r.path_of("cuda"));
        build.cuda_architectures = target(cuda, "architectures");
        // Plans from before have none.
        if (cuda.has("packages")) build.cuda_packages = cuda.optional_string("packages");
        if (build.cuda_packages && !is_cuda_packages(*build.cuda_packages))
            cuda.reject("packages", "plan-value", "no set of nixpkgs such as cudaPackages_12_8");
        r.take(cuda.finish());
    }

    static std::optional<std::string> target(ObjectReader& object, const std::string& field) {
        std::optional<std::string> text = object.optional_string(field);
        if (text && !is_targets(*text))
            object.reject(field, "plan-value", "no list of targets such as 86-real;89-real");
        return text;
    }

    std::string file_;
};

Result<Because> read_because(const Json& json, const std::string& file, const std::string& path) {
    ObjectReader r(json, file, path);
    Because line;
    line.line = r.string("line");
    line.value = r.string("value");
    line.rule = r.string("rule");
    line.reason = r.string("reason");
    line.facts = r.strings("facts");
    line.losers = r.strings("losers");
    LF_TRY(r.finish());
    return line;
}

}  // namespace

std::string to_json(const Plan& plan) {
    Json because = Json::array();
    for (const Because& line : plan.because) because.push_back(json_of(line));
    return write_json({{"schema", kSchema},
                       {"version", kPlanVersion},
                       {"host", plan.host},
                       {"system", plan.system},
                       {"build", json_of(plan.build)},
                       {"because", std::move(because)},
                       {"notes", plan.notes}});
}

Result<Plan> from_json(std::string_view text, const std::string& file) {
    LF_ASSIGN(const Json json, parse_json(text, file));
    ObjectReader r(json, file);
    r.schema(kSchema, kPlanVersion);
    Plan plan;
    plan.host = r.string("host");
    if (!facts::is_host_name(plan.host)) r.reject("host", "plan-value", "no name of a host");
    plan.system = r.string("system");
    if (!is_system(plan.system)) r.reject("system", "plan-value", "no name of a system such as x86_64-linux");
    if (const Json& build = r.value("build"); build.is_object()) {
        auto read = BuildReader(file).read(build);
        if (read) plan.build = std::move(*read);
        r.take(read ? Done() : Done(fail(read.error())));
    } else {
        r.reject("build", "json-type", "expected an object");
    }
    r.each("because", [&](const Json& element, const std::string& path) -> Done {
        LF_ASSIGN(Because line, read_because(element, file, path));
        plan.because.push_back(std::move(line));
        return {};
    });
    plan.notes = r.strings("notes");
    LF_TRY(r.finish());
    return plan;
}

}  // namespace lf::plan
