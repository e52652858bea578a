// SPDX-License-Identifier: MIT
#include "bench/resume.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/files.h"
#include "base/text.h"

namespace lf::bench {
namespace {

namespace fs = std::filesystem;

Error not_the_same(const BenchRequest& request, std::string why) {
    Error error = usage_error("bench-resume", std::move(why), "leave --resume out to measure anew");
    error.where.file = unfinished_file(request);
    return error;
}

/// What differs between the measurement in the file and the one that is asked for; "" = nothing that matters.
std::string difference(const BenchRequest& request, const std::string& question,
                       const std::vector<Candidate>& candidates, const BenchResult& earlier) {
    if (earlier.question != question) return fmt::format("it is an answer to '{}'", printable(earlier.question));
    if (earlier.host != request.host) return fmt::format("it is of the host {}", printable(earlier.host));
    if (earlier.seed != request.seed) return fmt::format("its seed is {}", earlier.seed);
    if (earlier.builds.size() != request.builds.size()) return "it is of other builds";
    for (std::size_t i = 0; i < earlier.builds.size(); ++i) {
        const Build& build = earlier.builds[i];
        if (build.name != request.builds[i].name || build.source != request.builds[i].source)
            return fmt::format("it is of the build {}", printable(build.source));
        for (const auto& [name, version] : build.packages) {
            const auto now = request.builds[i].packages.find(name);
            if (now == request.builds[i].packages.end() || now->second != version)
                return fmt::format("it is of {} {}", printable(name), printable(version));
        }
    }
    std::error_code unknown;
    const auto bytes = fs::file_size(request.model, unknown);
    if (unknown || static_cast<std::int64_t>(bytes) != earlier.model.bytes)
        return fmt::format("it is of another model ({})", printable(earlier.model.description));
    if (!request.model_description.empty() && request.model_description != earlier.model.description)
        return fmt::format("it is of another model ({})", printable(earlier.model.description));
    if (!candidates.empty() && earlier.candidates != candidates) return "its candidates are others";
    return {};
}

}  // namespace

std::string unfinished_file(const BenchRequest& request) {
    return request.result_file.empty() ? "" : request.result_file + ".unfinished";
}

Done set_aside(const BenchRequest& request) {
    const std::string file = unfinished_file(request);
    std::error_code error;
    if (file.empty() || !fs::exists(file, error)) return {};
    fs::rename(file, file + ".before", error);
    if (!error) return {};
    Error failure = world_error("file-unwritable", "the unfinished result cannot be moved aside: " + error.message());
    failure.where.file = file;
    return fail(std::move(failure));
}

std::string question_of(const BenchRequest& request) {
    return fmt::format("pp{} tg{} @ {}", request.prompt_tokens, request.generated_tokens,
                       fmt::join(request.depths, ","));
}

Result<std::optional<BenchResult>> unfinished(const BenchRequest& request, const std::string& question,
                                              const std::vector<Candidate>& candidates) {
    const std::string file = unfinished_file(request);
    std::error_code error;
    if (file.empty() || !fs::exists(file, error)) {
        if (request.resume) return fail(not_the_same(request, "there is no measurement to go on with"));
        return std::optional<BenchResult>();
    }
    if (!request.resume) return std::optional<BenchResult>();
    LF_ASSIGN(const std::string text, read_file(file));
    LF_ASSIGN(BenchResult earlier, from_json(text, file));
    if (const std::string why = difference(request, question, candidates, earlier); !why.empty())
        return fail(not_the_same(request, "this is another measurement: " + why));
    return std::optional<BenchResult>(std::move(earlier));
}

}  // namespace lf::bench
