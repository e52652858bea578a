// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <array>
#include <future>

#include "base/text.h"
#include "report/html_parts.h"
#include "report/render.h"

namespace lf::embedded {
extern const std::string_view report_css;
extern const std::string_view report_js;
}  // namespace lf::embedded

namespace lf::report {
namespace {

/// The SHA-256 of `bytes` as a Content-Security-Policy wants it.
std::string policy_hash(std::string_view bytes) {
    constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const std::string hex = sha256_hex(bytes);
    std::string out;
    unsigned bits = 0;
    int count = 0;
    for (const char digit : hex) {
        bits = (bits << 4U) | static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
        count += 4;
        if (count >= 6) {
            count -= 6;
            out += kLetters[(bits >> static_cast<unsigned>(count)) & 63U];
        }
    }
    out += kLetters[(bits << 2U) & 63U];  // 256 bits are 42 letters and 4 bits
    return out + "=";
}

struct Tile {
    int Counts::*count;
    Markup one;
    Markup many;
    bool always;  ///< shown also where there is none
};
constexpr std::array kTiles{
    Tile{&Counts::hosts, "host", "hosts", true},
    Tile{&Counts::planned, "with a plan", "with a plan", true},
    Tile{&Counts::shown, "shown by check", "shown by check", true},
    Tile{&Counts::measured, "measured", "measured", true},
    Tile{&Counts::chosen, "chosen by measurement", "chosen by measurement", true},
    Tile{&Counts::kept, "default not beaten", "default not beaten", false},
    Tile{&Counts::untold, "not told from the default", "not told from the default", false},
    Tile{&Counts::findings, "finding", "findings", false},
    Tile{&Counts::warnings, "warning", "warnings", false},
    Tile{&Counts::problems, "unreadable file", "unreadable files", false},
};

void append_tiles(Html& html, const Counts& counts) {
    html.raw("<ul class=\"tiles\">");
    for (const Tile& tile : kTiles) {
        const int count = counts.*tile.count;
        if (count == 0 && !tile.always) continue;
        html.raw("<li><b>").count(count).raw("</b> ").raw(count == 1 ? tile.one : tile.many).raw("</li>");
    }
    html.raw("</ul>\n");
}

constexpr Markup kLegend(
    "<section class=\"legend\" aria-labelledby=\"read\"><h2 id=\"read\">How to read this page</h2><dl>"
    "<dt>pp, tg</dt><dd>reading a prompt and writing text, with the number of tokens; @ d stands for tokens of "
    "context before it</dd>"
    "<dt>interval</dt><dd>95 % confidence; the bar is the mean, the line through its end the interval, a dot an "
    "outlier, which is counted like the others. That of a verdict is wider: it allows for looking several times and "
    "for two tests; a score's may therefore be narrower than that of the one test that it is made of</dd>"
    "<dt>n</dt><dd>how many runs; in a comparison, how many rounds in which both were measured</dd>"
    "<dt>faster, slower</dt><dd>the interval of the ratio lies wholly above, or below, 1, and the ratio is at least "
    "2 % from it</dd><dt>~</dt><dd>cannot tell: the interval holds 1, or the ratio is less than 2 % from it</dd>"
    "<dt>search</dt><dd>a number behind a candidate is its part of the speed of the fastest of that step, which is 1; "
    "of each step only what left it is said, bench --show FILE says every number</dd>"
    "<dt>shown</dt><dd>Nix was asked, and what it would build has the flags of the plan</dd>"
    "<dt>chosen by measurement</dt><dd>measured fastest of these candidates, with this model, at this revision; no "
    "more than that. Where the default was not beaten, or the best could not be told from it, the page says so and "
    "counts it apart</dd></dl></section>\n");

void append_head(Html& html, const Counts& counts) {
    html.raw(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-");
    html.text(policy_hash(embedded::report_css)).raw("'; script-src 'sha256-").text(policy_hash(embedded::report_js));
    html.raw(
        "'; base-uri 'none'; form-action 'none'\">"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
        "<meta name=\"color-scheme\" content=\"light dark\"><meta name=\"referrer\" content=\"no-referrer\">"
        "<title>llama-fleet: ");
    html.text(counted(counts.hosts, "host"))
        .raw("</title>\n<style>")
        .own(embedded::report_css)
        .raw("</style></head>\n");
}

}  // namespace

std::string render_html(const FleetReport& fleet) {
    const Counts counts = counts_of(fleet);
    auto json = std::async(std::launch::async, [&] { return escaped_json(to_json(fleet, true)); });
    Html html;
    append_head(html, counts);
    html.raw(
        "<body><a class=\"skip\" href=\"#main\">Skip to the fleet</a>\n"
        "<svg class=\"away\" width=\"0\" height=\"0\" aria-hidden=\"true\"><defs><marker id=\"cap\" "
        "markerWidth=\"2\" markerHeight=\"10\" refX=\"1\" refY=\"5\" markerUnits=\"userSpaceOnUse\">"
        "<rect class=\"cap\" width=\"2\" height=\"10\"/></marker></defs></svg>\n"
        "<header><p class=\"brand\">llama-fleet report</p><h1>llama.cpp on ");
    html.count(counts.hosts).raw(counts.hosts == 1 ? Markup(" host</h1>\n") : Markup(" hosts</h1>\n"));
    append_tiles(html, counts);
    html.raw("</header>\n<main id=\"main\" tabindex=\"-1\">\n");
    append_problems(html, fleet.problems);
    html.raw("<section aria-labelledby=\"fleet\"><h2 id=\"fleet\">The fleet</h2>\n");
    append_matrix(html, fleet);
    for (const std::string& note : fleet_notes(fleet)) html.raw("<p class=\"note\">").text(note).raw("</p>\n");
    html.raw("</section>\n<section aria-labelledby=\"hosts\"><h2 id=\"hosts\">Host by host</h2>\n");
    SharedBlocks shared;
    for (std::size_t i = 0; i < fleet.hosts.size(); ++i) append_host(html, fleet, fleet.hosts[i], i, shared);
    html.raw("</section>\n").raw(kLegend);
    html.raw(
        "</main>\n<footer><p>Made by <code>llama-fleet report</code> from llama-fleet/facts, llama-fleet/plan and "
        "llama-fleet/bench. Every number here is in the JSON inside this page (id llama-fleet-report); those of "
        "single runs are in llama-fleet/bench.</p></footer>\n"
        "<script type=\"application/json\" id=\"llama-fleet-report\">");
    html.own(json.get());
    html.raw("</script>\n<script>").own(embedded::report_js).raw("</script>\n</body></html>\n");
    return html.str();
}

}  // namespace lf::report
