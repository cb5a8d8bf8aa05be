// SPDX-License-Identifier: Apache-2.0
#include "report/junit.hpp"

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "report/text.hpp"

namespace cicada::report {
namespace {

enum class Result : std::uint8_t { Passed, Failed, Skipped };

struct Case {
    std::string group;
    std::string name;
    Result result;
    std::string text;  // what was found
};

// Control characters are no XML at all; bytes that are no UTF-8 become question marks.
std::string escaped(std::string_view text) {
    std::string safe;
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
        bool whole = lead < 0x80 || (lead >= 0xC2 && lead < 0xF5 && i + length <= text.size());
        for (std::size_t more = 1; whole && more < length; ++more) {
            whole = (static_cast<unsigned char>(text[i + more]) & 0xC0U) == 0x80U;
        }
        if (!whole) length = 1;
        switch (lead) {
            case '&':
                safe += "&amp;";
                break;
            case '<':
                safe += "&lt;";
                break;
            case '>':
                safe += "&gt;";
                break;
            case '"':
                safe += "&quot;";
                break;
            default:
                if (!whole) {
                    safe += '?';
                } else {
                    safe += lead < 0x20 || lead == 0x7F ? " " : text.substr(i, length);
                }
        }
        i += length;
    }
    return safe;
}

std::uint64_t exceptions(const stats::Totals& totals) {
    std::uint64_t sum = 0;
    for (const stats::ExceptionCount& thrown : totals.exceptions()) sum += thrown.count;
    return sum;
}

std::vector<Case> cases_of(const run::Snapshot& snapshot) {
    std::vector<Case> cases;
    for (const run::GoalResult& each : snapshot.thresholds) {
        cases.push_back(
            {"thresholds", each.text, each.passed ? Result::Passed : Result::Failed, each.actual});
    }
    const stats::Totals& totals = *snapshot.statistics;
    if (cases.empty()) {
        const std::uint64_t failures = totals.total().counts.failures;
        const std::uint64_t thrown = exceptions(totals);
        cases.push_back({"requests",
                         "no request failed and no task threw",
                         failures + thrown == 0 ? Result::Passed : Result::Failed,
                         fmt::format("{} of {} requests failed, {} exceptions",
                                     failures,
                                     totals.total().counts.requests,
                                     thrown)});
    }
    if (snapshot.dry_run) {
        cases.push_back({"verdict",
                         "the run is valid",
                         Result::Skipped,
                         "a dry run: the answers were made up, nothing was sent"});
        return cases;
    }
    const stats::Verdict verdict = run::verdict_of(snapshot);
    std::string reasons(stats::name_of(verdict.grade));
    for (const stats::Reason& reason : verdict.reasons) reasons += ": " + reason.text;
    const bool valid = verdict.grade == stats::Grade::Valid;
    cases.push_back(
        {"verdict", "the run is valid", valid ? Result::Passed : Result::Skipped, reasons});
    return cases;
}

std::string case_xml(const Case& each, double seconds) {
    const std::string text = escaped(each.text);
    std::string xml = fmt::format(
        "    <testcase classname=\"cicada.{}\" name=\"{}\" "
        "time=\"{:.3f}\">\n",
        each.group,
        escaped(each.name),
        seconds);
    switch (each.result) {
        case Result::Passed:
            xml += fmt::format("      <system-out>{}</system-out>\n", text);
            break;
        case Result::Failed:
            xml += fmt::format("      <failure message=\"{}\"/>\n", text);
            break;
        case Result::Skipped:
            xml += fmt::format("      <skipped message=\"{}\"/>\n", text);
            break;
    }
    return xml + "    </testcase>\n";
}

}  // namespace

std::string junit_xml(const run::Snapshot& snapshot) {
    const std::vector<Case> cases = cases_of(snapshot);
    const double seconds = std::chrono::duration<double>(snapshot.elapsed).count();
    std::size_t failed = 0;
    std::size_t skipped = 0;
    std::string body;
    for (const Case& each : cases) {
        failed += each.result == Result::Failed ? 1 : 0;
        skipped += each.result == Result::Skipped ? 1 : 0;
        body += case_xml(each, seconds);
    }
    const std::string counts =
        fmt::format("tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{:.3f}\"",
                    cases.size(),
                    failed,
                    skipped,
                    seconds);
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuites {0}>\n"
        "  <testsuite name=\"cicada\" {0} timestamp=\"{1}\">\n"
        "{2}"
        "  </testsuite>\n"
        "</testsuites>\n",
        counts,
        utc_time(snapshot.start_time).substr(0, 19),
        body);
}

}  // namespace cicada::report
