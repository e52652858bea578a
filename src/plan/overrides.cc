// SPDX-License-Identifier: MIT
#include "plan/overrides.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "facts/codec.h"
#include "plan/options.h"
#include "plan/rules_cuda.h"

namespace lf::plan {
namespace {

const std::vector<std::string> kVariants = {"cpu", "cuda", "vulkan", "rocm", "multi", "universal"};
const std::vector<std::string> kStrategies = {"tailored", "universal", "builder-native"};
const std::vector<std::string> kSources = {"flake", "nixpkgs"};

Error refused(std::string message, std::string hint) {
    return owner_error("plan-override", std::move(message), std::move(hint));
}

Done check_word(std::string_view what, const std::optional<std::string>& word, const std::vector<std::string>& known) {
    if (!word || std::ranges::count(known, *word) > 0) return {};
    const auto near = did_you_mean(*word, known);
    return fail(
        refused(fmt::format("unknown {} '{}'", what, printable(*word)),
                near ? fmt::format("did you mean '{}'?", *near) : fmt::format("one of: {}", join(known, ", "))));
}

Done check_set(const std::optional<std::string>& packages) {
    if (!packages || *packages == "default" || is_cuda_packages(*packages)) return {};
    return fail(refused(fmt::format("unknown cudaPackages '{}'", printable(*packages)),
                        "a set of nixpkgs such as cudaPackages_12_8 or cudaPackages_13, or \"default\""));
}

// --- reading
// -----------------------------------------------------------------------------------------------------------

Error at(Error error, const std::string& file, std::string path) {
    error.where.file = file;
    error.where.json_path = std::move(path);
    return error;
}

Done read_flags(const Json& json, const std::string& file, const std::string& path, Flags& flags) {
    if (!json.is_object()) return fail(at(world_error("json-type", "expected an object of flags"), file, path));
    for (const auto& item : json.items()) {
        const std::string here = path + "/" + printable(item.key());
        FlagValue value;
        if (item.value().is_boolean()) value = item.value().get<bool>();
        else if (item.value().is_string()) value = item.value().get<std::string>();
        else return fail(at(world_error("json-type", "a flag is true, false or a string"), file, here));
        if (auto checked = check_flag(item.key(), value); !checked) return fail(at(checked.error(), file, here));
        flags[item.key()] = std::move(value);
    }
    return {};
}

Result<Override> read_override(const Json& json, const std::string& file, const std::string& path) {
    ObjectReader r(json, file, path);
    Override wish;
    if (r.has("variant")) wish.variant = r.string("variant");
    if (r.has("strategy")) wish.strategy = r.string("strategy");
    if (r.has("source")) wish.source = r.string("source");
    if (r.has("cudaPackages")) wish.cuda_packages = r.string("cudaPackages");
    if (r.has("native")) wish.native = r.boolean("native");
    if (r.has("blas")) wish.blas = r.boolean("blas");
    if (r.has("openmp")) wish.openmp = r.boolean("openmp");
    if (r.has("flags")) r.take(read_flags(r.value("flags"), file, r.path_of("flags"), wish.flags));
    LF_TRY(r.finish());
    if (auto known = check_word("variant", wish.variant, kVariants); !known)
        return fail(at(known.error(), file, path + "/variant"));
    if (auto known = check_word("strategy", wish.strategy, kStrategies); !known)
        return fail(at(known.error(), file, path + "/strategy"));
    if (auto known = check_word("source", wish.source, kSources); !known)
        return fail(at(known.error(), file, path + "/source"));
    if (auto known = check_set(wish.cuda_packages); !known)
        return fail(at(known.error(), file, path + "/cudaPackages"));
    return wish;
}

// --- one host's
// ----------------------------------------------------------------------------------------------------------

template <class T>
void take(const std::optional<T>& from, std::optional<T>& to, const std::string& name, const std::string& place,
          Wishes& wishes) {
    if (!from) return;
    to = from;
    wishes.said_at[name] = place + "." + name;
}

void lay_over(const Override& from, const std::string& place, Wishes& wishes) {
    Override& to = wishes.wish;
    take(from.variant, to.variant, "variant", place, wishes);
    take(from.strategy, to.strategy, "strategy", place, wishes);
    take(from.source, to.source, "source", place, wishes);
    take(from.cuda_packages, to.cuda_packages, "cudaPackages", place, wishes);
    take(from.native, to.native, "native", place, wishes);
    take(from.blas, to.blas, "blas", place, wishes);
    take(from.openmp, to.openmp, "openmp", place, wishes);
    for (const auto& [name, value] : from.flags) {
        to.flags[name] = value;
        wishes.said_at[name] = place + ".flags";
    }
}

/// The first two wishes that cannot both be had.
Done check_harmony(const Override& wish) {
    const auto strategy = wish.strategy.value_or("");
    const auto variant = wish.variant.value_or("");
    const bool builder_native = wish.native == true || strategy == "builder-native";
    const bool universal = strategy == "universal" || variant == "universal";
    if (wish.native == true && !strategy.empty() && strategy != "builder-native")
        return fail(refused(fmt::format("\"native\": true and \"strategy\": \"{}\" contradict each other", strategy),
                            "native means the strategy builder-native: leave one of the two out"));
    if (wish.native == false && strategy == "builder-native")
        return fail(refused("\"native\": false and \"strategy\": \"builder-native\" contradict each other",
                            "leave one of the two out"));
    if (builder_native && (universal || variant == "multi"))
        return fail(refused(fmt::format("builder-native cannot be had with {}", universal ? "universal" : "multi"),
                            "ggml stops at GGML_NATIVE together with GGML_BACKEND_DL: choose one of the two"));
    if (strategy == "universal" && !variant.empty() && variant != "universal")
        return fail(
            refused(fmt::format("\"strategy\": \"universal\" and \"variant\": \"{}\" contradict each other", variant),
                    "a universal build is a variant of its own: leave \"variant\" out"));
    if (variant == "universal" && !strategy.empty() && strategy != "universal")
        return fail(
            refused(fmt::format("\"variant\": \"universal\" and \"strategy\": \"{}\" contradict each other", strategy),
                    "leave \"strategy\" out"));
    return {};
}

}  // namespace

Result<Overrides> overrides_from_json(std::string_view text, const std::string& file) {
    LF_ASSIGN(const Json json, parse_json(text, file));
    ObjectReader r(json, file);
    Overrides overrides;
    r.schema("llama-fleet/overrides", 1);
    const Json& hosts = r.value("hosts");
    LF_TRY(r.finish());
    if (!hosts.is_object()) return fail(at(world_error("json-type", "expected an object of hosts"), file, "/hosts"));
    for (const auto& item : hosts.items()) {
        const std::string path = "/hosts/" + printable(item.key());
        if (item.key() != "*" && !facts::is_host_name(item.key()))
            return fail(
                at(world_error("json-value", fmt::format("'{}' cannot be the name of a host", printable(item.key()))),
                   file, path));
        LF_ASSIGN(overrides.hosts[item.key()], read_override(item.value(), file, path));
    }
    return overrides;
}

Wishes wishes_for(const Overrides& overrides, const std::string& host) {
    Wishes wishes;
    for (const std::string& name : {std::string("*"), host})
        if (const auto found = overrides.hosts.find(name); found != overrides.hosts.end())
            lay_over(found->second, "hosts." + name, wishes);
    return wishes;
}

Result<Shape> shape_of(const Wishes& wishes) {
    const Override& wish = wishes.wish;
    LF_TRY(check_word("variant", wish.variant, kVariants));
    LF_TRY(check_word("strategy", wish.strategy, kStrategies));
    LF_TRY(check_word("source", wish.source, kSources));
    LF_TRY(check_set(wish.cuda_packages));
    for (const auto& [name, value] : wish.flags) LF_TRY(check_flag(name, value));
    LF_TRY(check_harmony(wish));
    const auto said = [&](const char* name) { return wishes.said_at.contains(name) ? wishes.said_at.at(name) : ""; };
    Shape shape;
    shape.native = wish.native;
    shape.native_said_at = said("native");
    shape.strategy = wish.strategy;
    shape.strategy_said_at = said("strategy");
    if (wish.native == true) shape.strategy = "builder-native", shape.strategy_said_at = said("native");
    if (wish.strategy == "builder-native" && !wish.native) shape.native = true, shape.native_said_at = said("strategy");
    if (wish.variant) shape.package = "llama-cpp-" + *wish.variant, shape.package_said_at = said("variant");
    if (wish.variant == "universal" && !wish.strategy)
        shape.strategy = "universal", shape.strategy_said_at = said("variant");
    if (wish.strategy == "universal" && !wish.variant)
        shape.package = "llama-cpp-universal", shape.package_said_at = said("strategy");
    return shape;
}

}  // namespace lf::plan
