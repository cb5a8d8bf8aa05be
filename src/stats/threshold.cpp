// SPDX-License-Identifier: Apache-2.0
#include "stats/threshold.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/nearest.hpp"
#include "base/text.hpp"

namespace cicada::stats {
namespace {

/// What a measure may be compared with.
enum class Quantity : std::uint8_t { Time, Share, Number, NumberPerSecond, NumberOrShare };

/// What has the measure.
enum class Scope : std::uint8_t { Anything, Named, Run };

struct MeasureWord {
    std::string_view word;
    Measure measure;
    Quantity quantity;
    Scope scope;
    double percentile = 0;
};

constexpr std::array kMeasures{
    MeasureWord{"median", Measure::Percentile, Quantity::Time, Scope::Anything, 0.5},
    MeasureWord{"avg", Measure::Average, Quantity::Time, Scope::Anything},
    MeasureWord{"min", Measure::Minimum, Quantity::Time, Scope::Anything},
    MeasureWord{"max", Measure::Maximum, Quantity::Time, Scope::Anything},
    MeasureWord{"rps", Measure::PerSecond, Quantity::NumberPerSecond, Scope::Anything},
    MeasureWord{"fail_ratio", Measure::FailRatio, Quantity::Share, Scope::Anything},
    MeasureWord{"ratio", Measure::PassRatio, Quantity::Share, Scope::Named},
    MeasureWord{"count", Measure::Count, Quantity::Number, Scope::Anything},
    MeasureWord{"fails", Measure::Failures, Quantity::Number, Scope::Anything},
    MeasureWord{"value", Measure::Value, Quantity::Number, Scope::Named},
    MeasureWord{"exceptions", Measure::Exceptions, Quantity::Number, Scope::Run},
    MeasureWord{"generator_p50", Measure::GeneratorP50, Quantity::Time, Scope::Run},
    MeasureWord{"generator_p99", Measure::GeneratorP99, Quantity::Time, Scope::Run},
    MeasureWord{"generator_share", Measure::GeneratorShare, Quantity::Share, Scope::Run},
    MeasureWord{"busy", Measure::Busy, Quantity::Share, Scope::Run},
    MeasureWord{"busy_max", Measure::BusyMaximum, Quantity::Share, Scope::Run},
    MeasureWord{"limits_reached", Measure::LimitsReached, Quantity::NumberOrShare, Scope::Run},
    MeasureWord{"dropped_arrivals", Measure::DroppedArrivals, Quantity::NumberOrShare, Scope::Run},
    MeasureWord{"delayed_arrivals", Measure::DelayedArrivals, Quantity::NumberOrShare, Scope::Run},
};

struct ComparisonSign {
    std::string_view sign;
    Comparison comparison;
};

// Longer ones first.
constexpr std::array kComparisons{
    ComparisonSign{"<=", Comparison::AtMost},
    ComparisonSign{">=", Comparison::AtLeast},
    ComparisonSign{"==", Comparison::Equal},
    ComparisonSign{"!=", Comparison::Unequal},
    ComparisonSign{"<", Comparison::Less},
    ComparisonSign{">", Comparison::Greater},
};

struct Unit {
    std::string_view word;
    LimitUnit unit;
    double factor;
};

constexpr std::array kUnits{
    Unit{"", LimitUnit::None, 1},
    Unit{"%", LimitUnit::Percent, 0.01},
    Unit{"/s", LimitUnit::PerSecond, 1},
    Unit{"ns", LimitUnit::Time, 1},
    Unit{"us", LimitUnit::Time, 1e3},
    Unit{"ms", LimitUnit::Time, 1e6},
    Unit{"s", LimitUnit::Time, 1e9},
    Unit{"min", LimitUnit::Time, 60e9},
    Unit{"h", LimitUnit::Time, 3600e9},
};

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
    return base::trimmed(text, kBlanks);
}

std::string measures_text() {
    std::string text = "p50 to p99.99";
    for (const MeasureWord& known : kMeasures) text += fmt::format(", {}", known.word);
    return text;
}

base::Result<MeasureWord> unknown_measure(std::string_view word) {
    std::vector<std::string> words{"p50", "p95", "p99"};
    for (const MeasureWord& known : kMeasures) words.emplace_back(known.word);
    const auto near = base::nearest(std::string(word), words);
    return base::failure(fmt::format("\"{}\" is nothing that is measured{}; there are {}",
                                     word,
                                     near ? fmt::format(", did you mean {}?", *near) : "",
                                     measures_text()));
}

base::Result<MeasureWord> parse_measure(std::string_view word) {
    if (word.empty()) return base::failure(std::string("what is compared? Write p95 < 200ms"));
    const auto known = std::find_if(kMeasures.begin(),
                                    kMeasures.end(),
                                    [&](const MeasureWord& each) { return each.word == word; });
    if (known != kMeasures.end()) return *known;
    if (word.front() != 'p' || word.size() < 2) return unknown_measure(word);
    double percent = 0;
    const auto read = std::from_chars(
        word.data() + 1, word.data() + word.size(), percent, std::chars_format::fixed);
    if (read.ec != std::errc() || read.ptr != word.data() + word.size()) {
        return unknown_measure(word);
    }
    if (percent <= 0 || percent > 100) {
        return base::failure(
            fmt::format("{}: a percentile is above 0 and at most 100, as in p99.9", word));
    }
    return MeasureWord{word, Measure::Percentile, Quantity::Time, Scope::Anything, percent / 100};
}

base::Result<void> parse_limit(std::string_view text, Threshold& threshold) {
    if (text.empty()) {
        return base::failure(std::string("there is nothing to compare with: write p95 < 200ms"));
    }
    double number = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number, std::chars_format::fixed);
    if (read.ec != std::errc() || !std::isfinite(number)) {
        return base::failure(fmt::format("\"{}\" is no number", text));
    }
    const std::string_view word = trimmed({read.ptr, static_cast<std::size_t>(end - read.ptr)});
    const auto unit = std::find_if(
        kUnits.begin(), kUnits.end(), [&](const Unit& each) { return each.word == word; });
    if (unit == kUnits.end()) {
        return base::failure(
            fmt::format("\"{}\": units are us, ms, s, min, h, % and /s, not {}", text, word));
    }
    threshold.limit = number * unit->factor;
    threshold.unit = unit->unit;
    return {};
}

/// What is wrong with the limit for such a quantity; empty: nothing.
std::string mismatch(const Threshold& threshold, Quantity quantity) {
    const std::string& name = threshold.measure_name;
    const LimitUnit unit = threshold.unit;
    const bool share = unit == LimitUnit::Percent || unit == LimitUnit::None;
    switch (quantity) {
        case Quantity::Time:
            if (unit == LimitUnit::Time) return {};
            return fmt::format("{} is a time, so it needs a unit: {} < 200ms", name, name);
        case Quantity::Share:
            if (share && threshold.limit >= 0 && threshold.limit <= 1) return {};
            return fmt::format("{} is a share, from 0 % to 100 %: {} < 1%", name, name);
        case Quantity::Number:
            if (unit == LimitUnit::None) return {};
            return fmt::format("{} is a number without a unit", name);
        case Quantity::NumberPerSecond:
            if (unit == LimitUnit::None || unit == LimitUnit::PerSecond) return {};
            return fmt::format("{} is a number per second: {} > 100", name, name);
        case Quantity::NumberOrShare:
            if (share) return {};
            return fmt::format("{} is a number or a share: {} == 0, {} < 1%", name, name, name);
    }
    return {};
}

const MeasureWord& word_of(const Threshold& threshold) {
    return *std::find_if(kMeasures.begin(), kMeasures.end(), [&](const MeasureWord& each) {
        return each.measure == threshold.measure;
    });
}

/// Which measures each kind of metric has.
std::vector<Measure> measures_of(MetricKind kind) {
    switch (kind) {
        case MetricKind::Counter:
            return {Measure::Count, Measure::PerSecond};
        case MetricKind::Gauge:
            return {Measure::Value, Measure::Minimum, Measure::Maximum};
        case MetricKind::Rate:
        case MetricKind::Check:
            return {Measure::PassRatio, Measure::FailRatio, Measure::Count, Measure::Failures};
        case MetricKind::Trend:
            return {Measure::Percentile,
                    Measure::Average,
                    Measure::Minimum,
                    Measure::Maximum,
                    Measure::Count};
    }
    return {};
}

std::optional<std::string> complaint_about_kind(const Threshold& threshold, MetricKind kind) {
    const std::vector<Measure> has = measures_of(kind);
    if (std::find(has.begin(), has.end(), threshold.measure) == has.end()) {
        std::string names;
        for (const MeasureWord& word : kMeasures) {
            if (std::find(has.begin(), has.end(), word.measure) == has.end()) continue;
            names += fmt::format("{}{}", names.empty() ? "" : ", ", word.word);
        }
        if (kind == MetricKind::Trend) names += " and p50 to p99.99";
        return fmt::format("{} is a {}, which has {}, but no {}",
                           threshold.subject,
                           name_of(kind),
                           names,
                           threshold.measure_name);
    }
    const Quantity quantity = word_of(threshold).quantity;
    const bool timed = quantity == Quantity::Time;
    if (timed && kind == MetricKind::Trend &&
        (threshold.unit == LimitUnit::Time || threshold.unit == LimitUnit::None)) {
        return std::nullopt;
    }
    const std::string wrong = mismatch(threshold, timed ? Quantity::Number : quantity);
    return wrong.empty() ? std::nullopt : std::optional(wrong);
}

/// "; did you mean X?" of a misspelt `limit NAME` or `check NAME`, or of a metric.
std::string meant(const std::string& subject, const std::vector<MetricKey>& declared) {
    if (const std::size_t blank = subject.find(' '); blank != std::string::npos) {
        const auto near = base::nearest(subject.substr(0, blank), {"limit", "check"});
        if (near) return fmt::format("; did you mean {}{}?", *near, subject.substr(blank));
    }
    std::vector<std::string> names{std::string(kAllChecks)};
    for (const MetricKey& metric : declared) names.push_back(metric.name);
    return base::did_you_mean(subject, names);
}

std::optional<std::string> behind(std::string_view prefix, std::string_view subject) {
    if (!subject.starts_with(prefix)) return std::nullopt;
    return std::string(trimmed(subject.substr(prefix.size())));
}

}  // namespace

bool holds(double value, Comparison comparison, double limit) {
    switch (comparison) {
        case Comparison::Less:
            return value < limit;
        case Comparison::AtMost:
            return value <= limit;
        case Comparison::Greater:
            return value > limit;
        case Comparison::AtLeast:
            return value >= limit;
        case Comparison::Equal:
            return value == limit;
        case Comparison::Unequal:
            return value != limit;
    }
    return false;
}

base::Result<Threshold> parse_threshold(std::string_view text) {
    Threshold threshold;
    text = trimmed(text);
    threshold.text = text;
    // What comes after the subject has no colon, while names of requests may have some.
    if (const std::size_t colon = text.rfind(':'); colon != std::string_view::npos) {
        threshold.subject = trimmed(text.substr(0, colon));
        if (threshold.subject.empty()) {
            return base::failure(std::string("there is nothing before the colon"));
        }
        text.remove_prefix(colon + 1);
    }
    const std::size_t place = text.find_first_of("<>=!");
    if (place == std::string_view::npos) {
        return base::failure(
            std::string("it compares nothing: write p95 < 200ms, with <, <=, >, >=, == or !="));
    }
    const std::string_view rest = text.substr(place);
    const auto sign =
        std::find_if(kComparisons.begin(), kComparisons.end(), [&](const ComparisonSign& each) {
            return rest.starts_with(each.sign);
        });
    if (sign == kComparisons.end()) {
        return base::failure(
            fmt::format("\"{}\" is no comparison; there are <, <=, >, >=, == and !=", rest[0]));
    }
    threshold.comparison = sign->comparison;
    const auto word = parse_measure(trimmed(text.substr(0, place)));
    if (!word) return base::failure(word.error());
    threshold.measure = word->measure;
    threshold.measure_name = word->word;
    threshold.percentile = word->percentile;
    if (word->scope == Scope::Run && !threshold.subject.empty()) {
        return base::failure(fmt::format(
            "{} is measured of the whole run: leave out \"{}:\"", word->word, threshold.subject));
    }
    if (word->scope == Scope::Named && threshold.subject.empty()) {
        return base::failure(
            fmt::format("{} of what? Write the name before it, as in \"cache hits: ratio > 90%\" "
                        "or \"stock: value > 0\"",
                        word->word));
    }
    if (const auto limit = parse_limit(trimmed(rest.substr(sign->sign.size())), threshold);
        !limit) {
        return base::failure(limit.error());
    }
    // A named subject may be a trend of plain numbers.
    if (word->quantity != Quantity::Time || threshold.subject.empty()) {
        if (std::string wrong = mismatch(threshold, word->quantity); !wrong.empty()) {
            return base::failure(std::move(wrong));
        }
    }
    return threshold;
}

bool is_of_run(Measure measure) {
    return measure >= Measure::Exceptions;
}

const MetricKey* metric_of(std::string_view subject, const std::vector<MetricKey>& declared) {
    const std::string_view name = subject.substr(0, subject.find('{'));
    const auto found = std::find_if(declared.begin(), declared.end(), [&](const MetricKey& metric) {
        return metric.name == name;
    });
    return found == declared.end() ? nullptr : &*found;
}

std::optional<std::string> check_of(std::string_view subject) {
    return behind("check ", subject);
}

std::optional<std::string> limit_of(std::string_view subject) {
    return behind("limit ", subject);
}

std::optional<std::string> complaint_about(const Threshold& threshold,
                                           const std::vector<MetricKey>& declared) {
    if (threshold.subject.empty()) return std::nullopt;
    if (threshold.subject == kAllChecks || check_of(threshold.subject)) {
        return complaint_about_kind(threshold, MetricKind::Check);
    }
    if (limit_of(threshold.subject)) {
        if (threshold.measure == Measure::PassRatio) return std::nullopt;
        return fmt::format("a limit has a ratio only, what of it is used up: {}: ratio == 100%",
                           threshold.subject);
    }
    if (const MetricKey* const metric = metric_of(threshold.subject, declared)) {
        return complaint_about_kind(threshold, metric->kind);
    }
    if (threshold.measure == Measure::PassRatio || threshold.measure == Measure::Value) {
        return fmt::format("there is no metric {}, and requests have no {}{}",
                           threshold.subject,
                           threshold.measure_name,
                           meant(threshold.subject, declared));
    }
    const std::string wrong = mismatch(threshold, word_of(threshold).quantity);
    return wrong.empty() ? std::nullopt : std::optional(wrong);
}

}  // namespace cicada::stats
