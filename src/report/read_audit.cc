// SPDX-License-Identifier: MIT
#include "report/read_audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "audit/words.h"
#include "base/json.h"
#include "base/text.h"

namespace lf::report {
namespace {

constexpr std::int64_t kAuditVersion = 1;
constexpr audit::Outcome kOutcomes[] = {audit::Outcome::runs, audit::Outcome::crashes, audit::Outcome::wrong,
                                        audit::Outcome::cannot_tell, audit::Outcome::not_loaded};

/// Fields that stand there and that no report shows.
void leave(ObjectReader& r, std::initializer_list<const char*> fields) {
    for (const char* field : fields) r.has(field);
}

audit::Outcome read_outcome(ObjectReader& r) {
    const std::string word = r.string("outcome");
    for (const audit::Outcome one : kOutcomes)
        if (word == audit::id_of(one)) return one;
    r.reject("outcome", "report-word", fmt::format("unknown word '{}'", printable(word.substr(0, 80))));
    return audit::Outcome::cannot_tell;
}

/// "0x1a2b"; 0 for anything else.
std::uint64_t address_in(std::string_view text) {
    std::uint64_t address = 0;
    if (text.starts_with("0x")) std::from_chars(text.data() + 2, text.data() + text.size(), address, 16);
    return address;
}

struct Stage {
    audit::Outcome outcome = audit::Outcome::runs;
    std::string why;
    std::uint64_t address = 0;
};

std::uint64_t read_fault(const Json& json) {
    if (!json.is_object() || !json.contains("address") || !json["address"].is_string()) return 0;
    return address_in(json["address"].get<std::string>());
}

Result<Stage> read_stage(const Json& json, const std::string& file, const std::string& path) {
    ObjectReader r(json, file, path);
    Stage stage{read_outcome(r), r.optional_string("why").value_or(""), read_fault(r.value("fault"))};
    leave(r, {"stage", "faults"});
    LF_TRY(r.finish());
    return stage;
}

/// A file that does not run as it should: the first stage that has this outcome says why.
Done read_file_verdict(const Json& json, const std::string& file, const std::string& path, Audit& audit) {
    ObjectReader r(json, file, path);
    AuditFinding finding{r.string("path"), 0, ""};
    const audit::Outcome outcome = read_outcome(r);
    finding.text = r.optional_string("why").value_or("");
    bool found = false;
    r.each("stages", [&](const Json& one, const std::string& where) -> Done {
        LF_ASSIGN(const Stage stage, read_stage(one, file, where));
        if (found || stage.outcome != outcome) return {};
        found = true;
        finding.address = stage.address;
        if (!stage.why.empty()) finding.text = stage.why;
        return {};
    });
    leave(r, {"score", "chosen", "uncalled"});
    LF_TRY(r.finish());
    const bool good = outcome == audit::Outcome::runs || outcome == audit::Outcome::not_loaded;
    if (!good) audit.findings.push_back(std::move(finding));
    return {};
}

Done read_unused(const Json& json, const std::string& file, const std::string& path, Audit& audit) {
    ObjectReader r(json, file, path);
    audit.unused.push_back(r.string("text"));
    leave(r, {"what"});
    return r.finish();
}

/// A card that nothing in the build serves is a finding; the others are no news.
Done read_card(const Json& json, const std::string& file, const std::string& path, Audit& audit) {
    ObjectReader r(json, file, path);
    const std::string card = r.string("card");
    const std::string text = r.string("text");
    if (r.optional_string("fit").value_or("") == audit::id_of(gpucode::Fit::no) && r.optional_string("backend"))
        audit.findings.push_back({card, 0, text});
    leave(r, {"backend", "by"});
    return r.finish();
}

Result<std::pair<std::string, Audit>> read_host(const Json& json, const std::string& file, const std::string& path) {
    ObjectReader r(json, file, path);
    Audit audit;
    std::string host = r.string("host");
    audit.outcome = read_outcome(r);
    audit.why = r.optional_string("why").value_or("");
    audit.basis = r.string("build");
    r.each("files",
           [&](const Json& one, const std::string& where) { return read_file_verdict(one, file, where, audit); });
    r.each("unused", [&](const Json& one, const std::string& where) { return read_unused(one, file, where, audit); });
    r.each("cards", [&](const Json& one, const std::string& where) { return read_card(one, file, where, audit); });
    leave(r, {"idle_gpu_bytes", "notes"});
    LF_TRY(r.finish());
    return std::pair(std::move(host), std::move(audit));
}

}  // namespace

namespace {

/// "llama-cpp-9680: " of "/nix/store/<hash>-llama-cpp-9680".
std::string build_words(const std::string& basis) {
    const std::string path = basis.substr(0, basis.find_last_not_of('/') + 1);
    return audit::without_store_hash(path.substr(path.find_last_of('/') + 1), basis) + ": ";
}

/// Of a build that is one file, the text names it already.
void name_build(std::string& text, const std::string& name) {
    if (!text.empty() && !(text + ": ").starts_with(name)) text.insert(0, name);
}

void name_build(Audit& audit) {
    if (std::exchange(audit.several, true)) return;
    const std::string name = build_words(audit.basis);
    name_build(audit.why, name);
    for (AuditFinding& one : audit.findings) name_build(one.file, name);
    for (std::string& one : audit.unused) name_build(one, name);
}

}  // namespace

void merge_audit(Audit& into, Audit other) {
    if (other.basis != into.basis) {
        name_build(into);
        name_build(other);
    }
    if (audit::worse(into.outcome, other.outcome) != into.outcome) {
        into.outcome = other.outcome;
        into.why = std::move(other.why);
    }
    if (other.basis != into.basis) into.basis += ", " + other.basis;
    std::move(other.findings.begin(), other.findings.end(), std::back_inserter(into.findings));
    std::move(other.unused.begin(), other.unused.end(), std::back_inserter(into.unused));
}

Result<std::vector<std::pair<std::string, Audit>>> audits_from_json(std::string_view text, const std::string& file) {
    LF_ASSIGN(const Json json, parse_json(text, file));
    ObjectReader r(json, file);
    r.schema("llama-fleet/audit", kAuditVersion);
    std::vector<std::pair<std::string, Audit>> audits;
    r.each("hosts", [&](const Json& one, const std::string& where) -> Done {
        LF_ASSIGN(auto host, read_host(one, file, where));
        const auto known =
            std::find_if(audits.begin(), audits.end(), [&](const auto& a) { return a.first == host.first; });
        if (known == audits.end()) audits.push_back(std::move(host));
        else merge_audit(known->second, std::move(host.second));
        return {};
    });
    leave(r, {"builds", "problems"});
    LF_TRY(r.finish());
    return audits;
}

}  // namespace lf::report
