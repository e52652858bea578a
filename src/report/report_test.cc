// SPDX-License-Identifier: MIT
// What the report says of the made-up fleet in tests/report/fleet, reviewed as a whole; its numbers; its size.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <regex>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "bench/stats.h"
#include "plan/machines_for_test.h"
#include "report/gather.h"
#include "report/html.h"
#include "report/page_check_for_test.h"
#include "report/render.h"
#include "report/words.h"

namespace lf::report {
namespace {

using plan::test::matches_or_accepts;
using testing::HasSubstr;
using testing::Not;

const std::string kFleet = std::string(LLAMA_FLEET_SOURCE_DIR) + "/tests/report/fleet";

FleetReport fleet_of(const std::vector<std::string>& only = {}, bool with_check = true) {
    const auto text = read_file(kFleet + "/check.json");
    EXPECT_TRUE(text);
    std::optional<CheckText> check;
    if (with_check) check = {"check.json", *text};
    auto fleet = gather(RootedFiles(kFleet), check, only);
    EXPECT_TRUE(fleet) << (fleet ? "" : fleet.error().message);
    return fleet ? *fleet : FleetReport{};
}

TEST(ReportGolden, IsAsReviewed) {
    const std::string stem = "tests/report/golden/";
    bool accepted = matches_or_accepts(render_text(fleet_of()), stem + "fleet.txt");
    accepted |= matches_or_accepts(render_markdown(fleet_of()), stem + "fleet.md");
    accepted |= matches_or_accepts(to_json(fleet_of()), stem + "fleet.json");
    accepted |= matches_or_accepts(render_html(fleet_of({"carbon", "radon", "xenon"})), stem + "three.html");
    if (accepted) GTEST_SKIP() << "accepted, not tested: look at git diff";
}

/// Every number of the JSON, and those inside its strings.
void numbers_in(const Json& json, std::set<double>& numbers) {
    static const std::regex number("[0-9]+(\\.[0-9]+)?");
    if (json.is_number()) numbers.insert(json.get<double>());
    if (json.is_string()) {
        const auto text = json.get<std::string>();
        for (std::sregex_iterator at(text.begin(), text.end(), number), end; at != end; ++at)
            numbers.insert(std::stod(at->str()));
    }
    if (json.is_structured())
        for (const auto& item : json.items()) numbers_in(item.value(), numbers);
}

bool is_rounding_of_one(const std::string& shown, const std::set<double>& numbers) {
    const std::size_t point = shown.find('.');
    const double half =
        point == std::string::npos ? 0.5 : std::pow(10, -static_cast<double>(shown.size() - point - 1)) / 2;
    const auto near = numbers.lower_bound(std::stod(shown) - half * 1.001);
    return near != numbers.end() && *near <= std::stod(shown) + half * 1.001;
}

TEST(ReportPage, HasNoNumberThatItsJsonHasNot) {
    const std::string page = render_html(fleet_of());
    test::PageReader reader(page);
    ASSERT_EQ(reader.complaint(), "");
    const auto json = parse_json(reader.json(), "page");
    ASSERT_TRUE(json);
    EXPECT_EQ(write_json(*json), to_json(fleet_of()));
    std::set<double> numbers;
    numbers_in(*json, numbers);
    const std::regex measured("(<b>|<small>\\(?|to |outlier |n |<td>)([0-9.]+)x?(</b>|</small>| to |\\)</small>|<td>)");
    int seen = 0;
    for (std::sregex_iterator at(page.begin(), page.end(), measured), end; at != end; ++at, ++seen)
        EXPECT_TRUE(is_rounding_of_one((*at)[2], numbers)) << (*at)[0];
    EXPECT_GT(seen, 50);
    EXPECT_FALSE(is_rounding_of_one("123456.7", numbers));
}

TEST(ReportPage, SaysEveryReasonOfEveryPlan) {
    const FleetReport fleet = fleet_of();
    const std::string page = render_html(fleet);
    for (const Host& host : fleet.hosts) {
        if (!host.plan) continue;
        for (const plan::Because& line : host.plan->because) {
            EXPECT_THAT(page, HasSubstr(escaped(line.reason)));
            for (const std::string& fact : line.facts) EXPECT_THAT(page, HasSubstr(escaped(fact)));
            for (const std::string& loser : line.losers) EXPECT_THAT(page, HasSubstr(escaped(loser)));
        }
    }
}

TEST(ReportPage, ForbidsAllButItsOwnStyleAndScript) {
    const std::string page = render_html(fleet_of());
    EXPECT_THAT(page, HasSubstr("default-src 'none'; style-src 'sha256-"));
    EXPECT_THAT(page, Not(HasSubstr("http://")));
    EXPECT_THAT(page, Not(HasSubstr("https://")));
    EXPECT_THAT(page, Not(HasSubstr(" style=")));
    EXPECT_THAT(page, Not(HasSubstr("unsafe")));
}

TEST(ReportWords, SayInPlainWordsWhatIsNotKnown) {
    const FleetReport fleet = fleet_of({"graviton", "radon", "xenon"}, false);
    const std::string text = render_text(fleet);
    EXPECT_THAT(text, HasSubstr("llama-fleet bench --choose --flake . --host graviton\n"));
    EXPECT_THAT(text, HasSubstr("not audited: run llama-fleet audit --flake . --json"));
    EXPECT_THAT(text, HasSubstr("llama-fleet check . --json > check.json"));
    EXPECT_THAT(text, HasSubstr("not complete, broken off: go on with the same command and --resume"));
    EXPECT_THAT(text, HasSubstr("llama-fleet/facts/xenon.json:2:"));
    EXPECT_THAT(text, HasSubstr("its facts cannot be read"));
}

TEST(ReportWords, OfferNoCommandForAFileThatNoHostCanBeCalledAs) {
    Host host;
    for (const char* name : {"--json", ".x", "a b", "$(id)", "a'b"}) {
        host.name = name;
        EXPECT_EQ(machine_cell(host).next, "");
        EXPECT_EQ(measured_cell(host).next, "");
    }
    host.name = "carbon";
    EXPECT_EQ(measured_cell(host).next, "llama-fleet bench --choose --flake . --host carbon");
}

TEST(ReportWords, SayThatAnotherCpuWasMeasured) {
    FleetReport fleet = fleet_of({"carbon"});
    EXPECT_EQ(foreign_words(fleet.hosts[0]), "");
    for (const std::string& form : {render_html(fleet), render_text(fleet), render_markdown(fleet), to_json(fleet)})
        EXPECT_THAT(form, Not(HasSubstr("another CPU")));
    fleet.hosts[0].bench->conditions.cpu = "Intel 8086";
    for (const std::string& form : {render_html(fleet), render_text(fleet), render_markdown(fleet), to_json(fleet)})
        EXPECT_THAT(form, HasSubstr("measured on another CPU than the facts name: Intel 8086"));
}

TEST(ReportWords, ComparesWithTheNumberOfPairs) {
    const auto gains = gains_of(fleet_of({"boron"}).hosts.at(0));
    ASSERT_EQ(gains.size(), 2U);
    EXPECT_EQ(gains[0].pairs, 5);
    EXPECT_EQ(gains[0].verdict, "faster");
    EXPECT_EQ(gains[0].baseline, "official-default");
    const auto chosen = gains_of(fleet_of({"carbon"}).hosts.at(0));
    ASSERT_EQ(chosen.size(), 3U);
    EXPECT_EQ(chosen[0].what, "score");
    EXPECT_EQ(chosen[0].pairs, 6);
}

TEST(ReportChoice, IsCalledFastestOnlyIfItIs) {
    FleetReport fleet = fleet_of({"carbon"});
    facts::Choice& choice = *fleet.hosts[0].bench->choice;
    const auto forms = [&] { return std::vector{render_html(fleet), render_text(fleet), render_markdown(fleet)}; };
    for (const std::string& form : forms()) {
        EXPECT_THAT(form, HasSubstr("zen4, 8 threads against dispatch"));
        EXPECT_THAT(form, HasSubstr("llama-server --threads 8"));
        EXPECT_THAT(form, HasSubstr("measured fastest"));
    }
    EXPECT_EQ(counts_of(fleet).chosen, 1);
    choice.verdict = "~";
    for (const std::string& form : forms()) EXPECT_THAT(form, HasSubstr("could not be told from the default"));
    EXPECT_THAT(choice_words(choice), Not(HasSubstr("fastest")));
    EXPECT_EQ(counts_of(fleet).chosen + counts_of(fleet).kept, 0);
    EXPECT_EQ(counts_of(fleet).untold, 1);
    choice.candidate = choice.default_candidate;
    choice.score = choice.prompt = choice.generation = std::nullopt;
    for (const std::string& form : forms()) EXPECT_THAT(form, HasSubstr("the default was not beaten"));
    EXPECT_EQ(counts_of(fleet).kept, 1);
    EXPECT_EQ(counts_of(fleet).chosen, 0);
    fleet.hosts[0].bench->choice.reset();  // searched, and nothing counted
    fleet.hosts[0].bench->summaries.clear();
    for (const std::string& form : forms()) EXPECT_THAT(form, HasSubstr("no run of it counted"));
}

TEST(ReportLegend, SaysWhenAVerdictIsGiven) {
    const std::string page = render_html(fleet_of({"boron"}));
    EXPECT_THAT(page, HasSubstr("the interval holds 1, or the ratio is less than 2 % from it"));
    EXPECT_THAT(page, HasSubstr("allows for looking several times and for two tests"));
    EXPECT_EQ(bench::judge({1.019, 1.005, 1.03}), bench::Verdict::cannot_tell);
    EXPECT_EQ(bench::judge({1.021, 1.005, 1.03}), bench::Verdict::faster);
}

TEST(ReportWords, RoundAsTheyAreShown) {
    EXPECT_EQ(times_words(14.12345678), "14.1x");
    EXPECT_EQ(times_words(0.984), "0.98x");
    EXPECT_EQ(times_words(0.0751), "0.075x");
    EXPECT_EQ(times_words(0.0999), "0.10x");
    EXPECT_EQ(speed_words(0.0751), "0.075");
    EXPECT_EQ(part_words(0.0751), "0.075");
    EXPECT_EQ(speed_words(57.04), "57.0");
    EXPECT_EQ(speed_words(1203.6), "1204");
    EXPECT_EQ(speed_words(3.14159), "3.14");
    EXPECT_EQ(kept(802.81234567), 802.812);
}

TEST(ReportText, FitsEightyColumnsButForCommands) {
    for (const std::string_view line : lines(render_text(fleet_of()))) {
        if (line.starts_with("           llama-fleet ") || line.starts_with("           llama-bench ")) continue;
        EXPECT_LE(line.size(), 80U) << line;  // the fleet's texts are ASCII
    }
}

TEST(ReportAudit, HasItsPlace) {
    FleetReport fleet = fleet_of({"boron"});
    fleet.hosts[0].audit = Audit{audit::Outcome::crashes,
                                 "2 files",
                                 "",
                                 {{"libggml-cpu.so", 0x4010ab, "vpdpbusd is in no plan of boron"}},
                                 {"the host has AVX-512"}};
    for (const std::string& form : {render_html(fleet), render_text(fleet), render_markdown(fleet), to_json(fleet)}) {
        EXPECT_THAT(form, HasSubstr("0x4010ab"));
        EXPECT_THAT(form, HasSubstr("is in no plan of boron"));
        EXPECT_THAT(form, HasSubstr("the host has AVX-512"));
    }
    EXPECT_THAT(render_text(fleet), HasSubstr("would crash: 2 files"));
    fleet.hosts[0].audit = Audit{audit::Outcome::runs, "2 files", "", {}, {}};
    EXPECT_THAT(render_text(fleet), HasSubstr("runs: 2 files"));
    fleet.hosts[0].audit = Audit{audit::Outcome::cannot_tell, "2 files", "not built here", {}, {}};
    EXPECT_THAT(render_text(fleet), HasSubstr("cannot tell: not built here"));
}

/// A result of a real `bench --choose`: 22 candidates, 10 steps, 333 runs.
Host real_host() {
    const auto text = read_file(std::string(LLAMA_FLEET_SOURCE_DIR) + "/doc/bench/emerald-rapids-tg.json");
    EXPECT_TRUE(text);
    auto result = bench::from_json(*text, "emerald-rapids-tg.json");
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    Host host;
    host.name = result->host;
    host.bench = std::move(*result);
    return host;
}

TEST(ReportSearch, IsRelativeToTheFastestOfEachStep) {
    FleetReport fleet;
    fleet.hosts.push_back(real_host());
    const std::string page = render_html(fleet);
    EXPECT_EQ(test::PageReader(page).complaint(), "");
    EXPECT_THAT(page, Not(HasSubstr("times the default")));
    EXPECT_THAT(page, HasSubstr("its part of the speed of the fastest of that step, which is 1"));
    EXPECT_THAT(page, HasSubstr("<small>n 28</small><dd><i>left</i> dispatch <b>0.86</b>; cooperlake <b>1.00</b>"));
}

TEST(ReportSearch, SaysWhatLeftByReasonAndNotWhatWentOn) {
    const Host host = real_host();
    const auto steps = search_of(*host.bench);
    ASSERT_EQ(steps.size(), 9U);
    EXPECT_EQ(steps[0].went_on, 12);
    EXPECT_TRUE(steps[0].left_over.empty());
    ASSERT_EQ(steps[0].dropped.size(), 2U);
    EXPECT_THAT(std::string(steps[0].dropped[0].reason), HasSubstr("3.2 times as slow"));
    EXPECT_EQ(steps[5].left_over.size(), 2U);  // the last that looked for a variant
    EXPECT_EQ(steps[8].left_over.size(), 2U);
    FleetReport fleet;
    fleet.hosts.push_back(host);
    const std::string page = render_html(fleet);
    EXPECT_THAT(page, HasSubstr("<dt>CPU variant and device: tg4<dd><i>out</i> sse42: 3.2 times"));
    EXPECT_THAT(page, HasSubstr("<i>out</i> zen4 <b>0.90</b>; icelake <b>0.94</b>; "));
    EXPECT_THAT(to_json(fleet, true), HasSubstr(R"("left":[["dispatch",0.86],["cooperlake",1.0]],"n":28)"));
}

/// A thousand hosts with a real result each (22 candidates, 10 steps), every one with its own name and numbers.
TEST(ReportSize, StaysBelowEightMegabytesForAThousandRealResults) {
    const Host real = real_host();
    const FleetReport small = fleet_of({"carbon"}, false);
    FleetReport fleet;
    for (int i = 0; i < 1000; ++i) {
        const double factor = 1 + i * 1e-4;
        Host host = small.hosts[0];
        host.bench = real.bench;
        host.bench->runs.clear();
        host.bench->conditions.cpu = host.facts->cpu.model_name.value_or("");
        host.name = fmt::format("host-{:04}", i);
        host.facts->memory_mib = 8192 + i * 16;
        host.bench->seed = static_cast<std::uint64_t>(i);
        for (bench::Summary& summary : host.bench->summaries)
            for (double* value : {&summary.tokens_per_second->mean, &summary.tokens_per_second->high}) *value *= factor;
        for (bench::Comparison& comparison : host.bench->comparisons) comparison.ratio.mean *= factor;
        for (bench::RungRecord& rung : host.bench->rungs)
            for (bench::RungEntry& entry : rung.entries)
                if (entry.score) *entry.score /= factor;
        fleet.hosts.push_back(std::move(host));
    }
    EXPECT_LT(render_html(fleet).size(), 8'000'000U);
}

}  // namespace
}  // namespace lf::report
