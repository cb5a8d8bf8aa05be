// SPDX-License-Identifier: Apache-2.0
#include "report/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "report/text.hpp"

namespace cicada::report {
namespace {

std::string generator_text(const stats::GeneratorFigures& figures) {
    return fmt::format(
        "p50 {} ms and p99 {} ms of each response time are its own ({:.1f}% of all); busy {:.0f}%, "
        "at most {:.0f}%",
        even_ms(figures.share_p50),
        even_ms(figures.share_p99),
        figures.share_of_response_time * 100,
        figures.busy_mean * 100,
        figures.busy_max * 100);
}

std::string dry_run_text(const run::AnswerCounts& counts) {
    return fmt::format(
        "nothing was sent; the figures are of {} made-up answers = {} by on_dry_run() + {} "
        "recorded + {} plain ones after {} ms",
        with_commas(counts.all()),
        with_commas(counts.by_test),
        with_commas(counts.recorded),
        with_commas(counts.plain),
        even_ms(counts.plain_latency));
}

std::vector<std::string> head_of(const run::Snapshot& snapshot) {
    if (snapshot.dry_run) return {"Dry run:        " + dry_run_text(*snapshot.dry_run)};
    return {
        "Response time:  call to last byte read and handed to the user's code, in ms; "
        "connecting and redirects included",
        "Generator:      " + generator_text(snapshot.statistics->generator()),
        "Exchanges:      " + exchanges_text(snapshot.statistics->total().counts)};
}

}  // namespace

std::string exchanges_text(const stats::Counts& counts) {
    std::string text = fmt::format(
        "{} exchanges on the wire = {} requests + {} redirects + {} resends + {} aborted",
        with_commas(counts.exchanges()),
        with_commas(counts.sent),
        with_commas(counts.redirects),
        with_commas(counts.resends),
        with_commas(counts.aborted));
    if (counts.sent < counts.requests) {
        text += fmt::format("; {} recorded requests never went on the wire",
                            with_commas(counts.requests - counts.sent));
    }
    return text;
}

std::vector<std::string> verdict(const run::Snapshot& snapshot) {
    std::vector<std::string> lines = head_of(snapshot);
    if (const std::uint64_t uncertain = snapshot.statistics->uncertain_exchanges()) {
        const std::uint64_t counted = snapshot.statistics->total().counts.exchanges();
        lines.push_back(fmt::format(
            "Uncertain:      {} \u2026 {} reached the wire: {} had been begun by workers that died",
            with_commas(counted),
            with_commas(counted + uncertain),
            with_commas(uncertain)));
    }
    const stats::Verdict verdict = run::verdict_of(snapshot);
    for (const run::ArrivalProgress& progress : snapshot.arrivals) {
        lines.push_back("Arrivals:       " + one_line(run::text_of(progress)));
    }
    for (const std::string& text : run::warnings_of(snapshot)) {
        const bool is_reason = std::any_of(verdict.reasons.begin(),
                                           verdict.reasons.end(),
                                           [&](const auto& reason) { return reason.text == text; });
        if (!is_reason) lines.push_back("Warning:        " + one_line(text));
    }
    if (snapshot.dry_run) return lines;
    lines.push_back(fmt::format("Verdict:        {}", stats::name_of(verdict.grade)));
    for (const stats::Reason& reason : verdict.reasons) {
        lines.push_back(
            fmt::format("{:<16}{}", fmt::format("{}:", stats::name_of(reason.grade)), reason.text));
    }
    return lines;
}

}  // namespace cicada::report
