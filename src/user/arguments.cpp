// SPDX-License-Identifier: Apache-2.0
#include "user/arguments.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "base/shown_path.hpp"
#include "base/time_span.hpp"
#include "user/number_text.hpp"
#include "user/registry.hpp"

namespace cicada::user {
namespace {

using std::chrono::nanoseconds;
using Value = decltype(ArgumentSlot::value);

template <class Number>
std::optional<Number> number_of(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::optional<bool> truth_of(std::string_view text) {
    std::string word(text);
    for (char& letter : word) {
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    }
    const auto is_one_of = [&word](std::initializer_list<const char*> words) {
        return std::find(words.begin(), words.end(), word) != words.end();
    };
    if (is_one_of({"true", "yes", "on", "1"})) return true;
    if (is_one_of({"false", "no", "off", "0"})) return false;
    return std::nullopt;
}

/// `text` as a value of the type that `like` has; nothing: it is none.
std::optional<Value> value_of(std::string_view text, const Value& like) {
    const auto wrapped = [](auto read) -> std::optional<Value> {
        if (!read) return std::nullopt;
        return Value(*read);
    };
    if (std::holds_alternative<bool>(like)) return wrapped(truth_of(text));
    if (std::holds_alternative<std::int64_t>(like)) return wrapped(number_of<std::int64_t>(text));
    if (std::holds_alternative<double>(like)) {
        const auto number = number_of<double>(text);
        return number && std::isfinite(*number) ? wrapped(number) : std::nullopt;
    }
    if (std::holds_alternative<nanoseconds>(like)) return wrapped(base::parse_time_span(text));
    return Value(std::string(text));
}

std::string wanted(const Value& like) {
    if (std::holds_alternative<bool>(like)) return "neither true nor false";
    if (std::holds_alternative<std::int64_t>(like)) return "no whole number";
    if (std::holds_alternative<double>(like)) return "no number";
    return fmt::format("no time span; valid ones are {}", base::kTimeSpanForms);
}

std::string text_of(const Value& value) {
    if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return number_text(*whole);
    if (const auto* real = std::get_if<double>(&value)) return number_text(*real);
    if (const auto* time = std::get_if<nanoseconds>(&value)) return base::format_time_span(*time);
    return std::get<std::string>(value);
}

bool is_choice(const ArgumentSlot& argument, std::string_view text) {
    return argument.choices.empty() ||
           std::find(argument.choices.begin(), argument.choices.end(), text) !=
               argument.choices.end();
}

bool is_flag_name(std::string_view flag) {
    if (flag.size() < 3 || !flag.starts_with("--")) return false;
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto fits = [&](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_';
    };
    return is_letter(flag[2]) && std::all_of(flag.begin() + 2, flag.end(), fits);
}

void check(const ArgumentSlot& argument) {
    const auto complain = [&argument](const std::string& what) {
        registry().complain(argument.place, fmt::format("argument {}: {}", argument.flag, what));
    };
    if (!is_flag_name(argument.flag)) {
        complain("it has to be two dashes, a letter, and letters, digits, - or _");
    }
    for (const auto& earlier : registry().arguments()) {
        if (earlier->flag != argument.flag) continue;
        complain(fmt::format("there is one at {} already", base::shown(earlier->place)));
        return;
    }
    if (argument.choices.empty()) return;
    if (is_flag(argument)) complain("a flag has no .choices");
    for (const std::string& choice : argument.choices) {
        if (value_of(choice, argument.value)) continue;
        complain(fmt::format("\"{}\" of its .choices is {}", choice, wanted(argument.value)));
    }
    if (!argument.required && !is_choice(argument, text_of(argument.value))) {
        complain(fmt::format("the default \"{}\" is none of its .choices: {}",
                             text_of(argument.value),
                             fmt::join(argument.choices, ", ")));
    }
}

}  // namespace

bool is_flag(const ArgumentSlot& argument) {
    return std::holds_alternative<bool>(argument.value);
}

std::string_view value_name(const ArgumentSlot& argument) {
    if (is_flag(argument)) return "";
    if (std::holds_alternative<std::int64_t>(argument.value)) return "N";
    if (std::holds_alternative<double>(argument.value)) return "NUMBER";
    if (std::holds_alternative<nanoseconds>(argument.value)) return "TIME";
    return "TEXT";
}

std::string shown_value(const ArgumentSlot& argument) {
    return argument.secret ? "***" : text_of(argument.value);
}

base::Result<void> assign(ArgumentSlot& argument, std::string_view text) {
    const auto shown = [&] { return argument.secret ? "its value" : fmt::format("\"{}\"", text); };
    const auto value = value_of(text, argument.value);
    if (!value) return base::failure(fmt::format("{} is {}", shown(), wanted(argument.value)));
    if (!is_choice(argument, text)) {
        return base::failure(fmt::format(
            "{} is none of its choices: {}", shown(), fmt::join(argument.choices, ", ")));
    }
    argument.value = *value;
    argument.given = true;
    return {};
}

std::vector<const ArgumentSlot*> missing_arguments(const Registry& registry) {
    std::vector<const ArgumentSlot*> missing;
    for (const auto& argument : registry.arguments()) {
        if (argument->required && !argument->given) missing.push_back(argument.get());
    }
    return missing;
}

}  // namespace cicada::user

namespace cicada::detail {
namespace {

ArgumentSlot& declare(std::string_view flag,
                      decltype(ArgumentSlot::value) value,
                      const About& about) {
    user::Registry& registry = user::registry();
    registry.expect_unsealed("argument()", about.place);
    auto argument = std::make_unique<ArgumentSlot>(
        ArgumentSlot{.flag = std::string(flag),
                     .value = std::move(value),
                     .help = std::string(about.help),
                     .environment = std::string(about.environment),
                     .choices = {about.choices.begin(), about.choices.end()},
                     .required = about.required,
                     .secret = about.secret,
                     .place = about.place});
    user::check(*argument);
    return registry.add(std::move(argument));
}

template <class Value>
const Value& value_of(const ArgumentSlot& argument, const Place& place) {
    user::Registry& registry = user::registry();
    if (!registry.is_sealed()) {
        registry.complain(place,
                          fmt::format("{} is not known while the test is being loaded: ask for "
                                      "its value() in tasks and listeners",
                                      argument.flag));
    }
    return std::get<Value>(argument.value);
}

}  // namespace

ArgumentSlot& declare_argument(std::string_view flag, bool value, const About& about) {
    return declare(flag, value, about);
}
ArgumentSlot& declare_argument(std::string_view flag, std::int64_t value, const About& about) {
    return declare(flag, value, about);
}
ArgumentSlot& declare_argument(std::string_view flag, double value, const About& about) {
    return declare(flag, value, about);
}
ArgumentSlot& declare_argument(std::string_view flag, std::string_view value, const About& about) {
    return declare(flag, std::string(value), about);
}
ArgumentSlot& declare_argument(std::string_view flag, Duration value, const About& about) {
    return declare(flag, value.nanoseconds(), about);
}

void read(const ArgumentSlot& slot, bool& value, const Place& place) {
    value = value_of<bool>(slot, place);
}
void read(const ArgumentSlot& slot, std::int64_t& value, const Place& place) {
    value = value_of<std::int64_t>(slot, place);
}
void read(const ArgumentSlot& slot, double& value, const Place& place) {
    value = value_of<double>(slot, place);
}
void read(const ArgumentSlot& slot, std::string& value, const Place& place) {
    value = value_of<std::string>(slot, place);
}
void read(const ArgumentSlot& slot, Duration& value, const Place& place) {
    value = value_of<std::chrono::nanoseconds>(slot, place);
}

}  // namespace cicada::detail
