// SPDX-License-Identifier: Apache-2.0
#include "cli/option.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/error.hpp"
#include "base/text.hpp"
#include "base/time_span.hpp"

namespace cicada::cli {
namespace {

using std::chrono::nanoseconds;

[[noreturn]] void reject(const std::string& source, const std::string& why) {
    throw base::Error(source + ": " + why, base::ExitCode::BadArguments);
}

template <class Number>
std::optional<Number> number_from(std::string_view text) {
    Number number{};
    if (text.starts_with('+')) text.remove_prefix(1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    using Limits = std::numeric_limits<Number>;
    if (error == std::errc::result_out_of_range) {
        const Number most = Limits::has_infinity ? Limits::infinity() : Limits::max();
        return text.starts_with('-') ? Limits::lowest() : most;
    }
    if (error != std::errc() || end != text.data() + text.size() || text.empty()) {
        return std::nullopt;
    }
    return number;
}

std::string describe(const Range& range) {
    if (range.most == std::numeric_limits<std::int64_t>::max()) {
        return fmt::format("{} or more", range.least);
    }
    return fmt::format("{} to {}", range.least, range.most);
}

void expect_within(const Range& range,
                   std::int64_t number,
                   const std::string& text,
                   const std::string& source) {
    if (number < range.least || number > range.most) {
        reject(source, fmt::format("{} is out of range, it has to be {}", text, describe(range)));
    }
}

std::int64_t whole_from(const std::string& text, const Range& range, const std::string& source) {
    const auto number = number_from<std::int64_t>(text);
    if (!number) reject(source, fmt::format("'{}' is not a whole number", text));
    expect_within(range, *number, text, source);
    return *number;
}

double rate_from(const std::string& text, const std::string& source) {
    const auto number = number_from<double>(text);
    if (!number) reject(source, fmt::format("'{}' is not a number", text));
    if (!std::isfinite(*number) || *number <= 0) {
        reject(source, fmt::format("{} is out of range, it has to be finite and above 0", text));
    }
    return *number;
}

nanoseconds span_from(const std::string& text, const Range& range, const std::string& source) {
    const auto span = base::parse_time_span(text);
    if (!span) {
        reject(
            source,
            fmt::format("'{}' is not a time span; valid ones are {}", text, base::kTimeSpanForms));
    }
    if (*span < nanoseconds(range.least)) {
        reject(source, fmt::format("{} is out of range, it has to be above 0", text));
    }
    return *span;
}

std::int64_t bytes_from(const std::string& text, const Range& range, const std::string& source) {
    static constexpr std::string_view kUnits = "kmg";
    std::string digits = base::lower_case(text);
    std::int64_t unit = 1;
    const std::size_t suffix = digits.empty() ? std::string_view::npos : kUnits.find(digits.back());
    if (suffix != std::string_view::npos) {
        unit = std::int64_t{1} << (10 * (suffix + 1));
        digits.pop_back();
    }
    const auto number = number_from<std::int64_t>(digits);
    if (!number)
        reject(source, fmt::format("'{}' is not a size in bytes, such as 64k or 1m", text));
    if (*number > std::numeric_limits<std::int64_t>::max() / unit) {
        expect_within(range, std::numeric_limits<std::int64_t>::max(), text, source);
    }
    expect_within(range, *number * unit, text, source);
    return *number * unit;
}

/// The choice that `text` means, in any case.
std::string chosen_from(const Option& option, const std::string& text, const std::string& source) {
    if (option.choices.empty()) return text;
    for (const std::string_view choice : option.choices) {
        if (base::lower_case(choice) == base::lower_case(text)) return std::string(choice);
    }
    reject(source, fmt::format("'{}' is not one of {}", text, fmt::join(option.choices, ", ")));
}

/// Nothing: it says neither.
std::optional<bool> on_or_off(const std::string& text) {
    static constexpr std::array<std::string_view, 4> kOn = {"true", "yes", "on", "1"};
    static constexpr std::array<std::string_view, 4> kOff = {"false", "no", "off", "0"};
    const std::string word = base::lower_case(text);
    if (std::find(kOn.begin(), kOn.end(), word) != kOn.end()) return true;
    if (std::find(kOff.begin(), kOff.end(), word) != kOff.end()) return false;
    return std::nullopt;
}

/// One overload for each type of target.
struct Assignment {
    const Option& option;
    const std::string& text;
    const std::string& source;

    void operator()(bool* to) const { *to = flag_from(text, source); }
    void operator()(std::string* to) const { *to = chosen_from(option, text, source); }
    void operator()(std::optional<std::string>* to) const { *to = text; }
    void operator()(std::vector<std::string>* to) const { to->push_back(text); }
    void operator()(std::int64_t* to) const { *to = whole_from(text, option.range, source); }
    void operator()(std::optional<std::int64_t>* to) const {
        *to = whole_from(text, option.range, source);
    }
    void operator()(std::optional<double>* to) const { *to = rate_from(text, source); }
    void operator()(nanoseconds* to) const { *to = span_from(text, option.range, source); }
    void operator()(std::optional<nanoseconds>* to) const {
        *to = span_from(text, option.range, source);
    }
    void operator()(const ByteSize& to) const {
        const std::int64_t bytes = bytes_from(text, option.range, source);
        if (to.bytes != nullptr) *to.bytes = bytes;
        if (to.optional_bytes != nullptr) *to.optional_bytes = bytes;
    }
    void operator()(const WordList& to) const { to.words->push_back(text); }
    void operator()(const FlagOrChoice& to) const {
        if (const auto on = on_or_off(text)) {
            *to.chosen = *on ? option.choices.front() : std::string_view();
        } else {
            *to.chosen = chosen_from(option, text, source);
        }
    }
    void operator()(const ElsewhereKept& to) const {
        if (const auto kept = to.assign(text); !kept) reject(source, kept.error());
    }
};

}  // namespace

bool flag_from(const std::string& text, const std::string& source) {
    if (const auto on = on_or_off(text)) return *on;
    reject(source,
           fmt::format("'{}' is neither on (true, yes, on, 1) nor off (false, no, off, 0)", text));
}

bool Option::is_flag() const {
    const auto* const elsewhere = std::get_if<ElsewhereKept>(&target);
    if (elsewhere != nullptr) return elsewhere->is_flag;
    return std::holds_alternative<bool*>(target) || may_choose();
}

bool Option::takes_several() const {
    return takes_words() || std::holds_alternative<std::vector<std::string>*>(target);
}

std::vector<std::string> Option::variables() const {
    if (variable.empty()) return {};
    if (standing == Standing::OfTest) return {std::string(variable)};
    return {fmt::format("CICADA_{}", variable), fmt::format("LOCUST_{}", variable)};
}

bool Option::may_be_configured() const {
    return standing == Standing::OfTest || !variable.empty();
}

std::string Option::flags() const {
    return letter == 0 ? fmt::format("--{}", name) : fmt::format("-{}/--{}", letter, name);
}

void assign(const Option& option, const std::string& text, const std::string& source) {
    std::visit(Assignment{option, text, source}, option.target);
}

}  // namespace cicada::cli
