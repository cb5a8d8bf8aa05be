// SPDX-License-Identifier: Apache-2.0
#include "cli/arguments.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "cli/meant.hpp"

namespace cicada::cli {
namespace {

using base::Error;
using base::ExitCode;

std::vector<std::string> long_names(const std::vector<Option>& table) {
    std::vector<std::string> names;
    for (const Option& option : table) names.push_back(fmt::format("--{}", option.name));
    return names;
}

std::string name_of(const std::string& argument) {
    return argument.substr(0, argument.find('='));
}

bool looks_like_option(const std::string& word) {
    return word.size() > 1 && word.starts_with('-');
}

/// All names that begin like that of `argument`; one alone if it is the whole name.
std::vector<std::string> matches_of(const std::string& argument,
                                    const std::vector<std::string>& names) {
    const std::string name = name_of(argument);
    if (std::find(names.begin(), names.end(), name) != names.end()) return {name};
    std::vector<std::string> matches;
    std::copy_if(
        names.begin(), names.end(), std::back_inserter(matches), [&name](const auto& known) {
            return known.starts_with(name);
        });
    return matches;
}

/// `--head` becomes `--headless` when no other name begins so.
std::string with_whole_name(const std::string& argument, const std::vector<std::string>& names) {
    const std::vector<std::string> matches = matches_of(argument, names);
    if (matches.size() != 1) return argument;
    return matches.front() + argument.substr(name_of(argument).size());
}

void expect_unambiguous(const std::string& argument, const std::vector<std::string>& names) {
    const std::vector<std::string> matches = matches_of(argument, names);
    if (matches.size() < 2) return;
    throw Error(
        fmt::format(
            "ambiguous option: {} could match {}", name_of(argument), fmt::join(matches, ", ")),
        ExitCode::BadArguments);
}

/// The option of that exact name that needs one value; null: none.
const Option* option_with_value(const std::vector<Option>& table, const std::string& argument) {
    const auto found = std::find_if(table.begin(), table.end(), [&argument](const Option& option) {
        const bool is_this = argument == fmt::format("--{}", option.name) ||
                             (option.letter != 0 && argument == fmt::format("-{}", option.letter));
        return is_this && !option.is_flag() && !option.takes_words();
    });
    return found == table.end() ? nullptr : &*found;
}

/// Goes through the arguments that are names and not another option's value, up to `--`.
template <class Visit>
void for_each_name(const std::vector<Option>& table,
                   std::vector<std::string>& arguments,
                   Visit visit) {
    const Option* waits_for_value = nullptr;
    for (std::string& argument : arguments) {
        if (argument == "--" && waits_for_value == nullptr) return;
        if (argument.starts_with("--")) visit(argument, std::exchange(waits_for_value, nullptr));
        const bool was_value = std::exchange(waits_for_value, nullptr) != nullptr;
        if (!was_value) waits_for_value = option_with_value(table, argument);
    }
    if (waits_for_value != nullptr) {
        std::string end;
        visit(end, waits_for_value);
    }
}

/// `--headless=maybe` is refused as in a variable or a file; CLI11 would name neither on nor off.
void expect_flag_value(const std::vector<Option>& table, const std::string& argument) {
    const std::size_t sign = argument.find('=');
    if (sign == std::string::npos) return;
    for (const Option& option : table) {
        if (!option.is_flag() || option.may_choose()) continue;
        if (name_of(argument) != fmt::format("--{}", option.name)) continue;
        (void)flag_from(argument.substr(sign + 1), fmt::format("argument {}", option.flags()));
    }
}

std::vector<std::string> with_whole_names(const std::vector<Option>& table,
                                          std::vector<std::string> arguments) {
    const std::vector<std::string> names = long_names(table);
    for_each_name(table, arguments, [&](std::string& argument, const Option* lacks_value) {
        if (lacks_value != nullptr) {
            throw Error(fmt::format("argument {}: expected one argument", lacks_value->flags()),
                        ExitCode::BadArguments);
        }
        expect_unambiguous(argument, names);
        argument = with_whole_name(argument, names);
        expect_flag_value(table, argument);
    });
    return arguments;
}

std::string cli11_name(const Option& option) {
    return option.letter == 0 ? fmt::format("--{}", option.name)
                              : fmt::format("-{},--{}", option.letter, option.name);
}

/// What CLI11 finds.
struct Found {
    std::map<const Option*, std::vector<std::string>> values;
    std::map<const Option*, bool> flags;
    std::map<const Option*, std::string> chosen;     ///< "true" of a flag that chooses nothing
    std::map<const Option*, CLI::Option*> declared;  ///< valid while it is parsed
    std::set<const Option*> given;                   ///< also a flag that is false
    std::vector<std::string> extras;                 ///< words and unknown options, in their order
};

void declare(CLI::App& app, const Option& option, Found& found) {
    if (option.may_choose()) {
        found.declared[&option] = app.add_flag(cli11_name(option), found.chosen[&option])
                                      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
        return;
    }
    if (option.is_flag()) {
        found.declared[&option] = app.add_flag(cli11_name(option), found.flags[&option])
                                      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
        return;
    }
    auto* const declared = app.add_option(cli11_name(option), found.values[&option]);
    found.declared[&option] = declared;
    declared->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    if (option.takes_words()) {
        declared->expected(1, CLI::detail::expected_max_vector_size);
    } else {
        declared->expected(1)->allow_extra_args(false);
    }
}

Found find(const std::vector<Option>& table, std::vector<std::string> arguments) {
    CLI::App app;
    app.set_help_flag();
    app.allow_extras();
    Found found;
    for (const Option& option : table) declare(app, option, found);
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
    try {
        app.parse(std::move(arguments));
    } catch (const CLI::ParseError& error) {
        throw Error(error.what(), ExitCode::BadArguments);
    }
    for (const auto& [option, declared] : found.declared) {
        if (declared->count() > 0) found.given.insert(option);
    }
    found.declared.clear();
    found.extras = app.remaining();
    std::erase(found.extras, "--");
    return found;
}

GivenArguments given(const Found& found) {
    GivenArguments given;
    for (const Option* const option : found.given) {
        if (option->may_choose()) {
            given.values[option] = {found.chosen.at(option)};
        } else if (option->is_flag()) {
            given.values[option] = {found.flags.at(option) ? "true" : "false"};
        } else {
            given.values[option] = found.values.at(option);
        }
    }
    return given;
}

}  // namespace

GivenArguments read_arguments(const std::vector<Option>& table,
                              const std::vector<std::string>& arguments) {
    const Found found = find(table, with_whole_names(table, arguments));
    if (std::any_of(found.extras.begin(), found.extras.end(), looks_like_option)) {
        reject_unknown(table, found.extras);
    }
    GivenArguments result = given(found);
    result.words = found.extras;
    return result;
}

GivenArguments guess_arguments(const std::vector<Option>& table,
                               const std::vector<std::string>& arguments) {
    const std::vector<std::string> names = long_names(table);
    std::vector<std::string> whole = arguments;
    for_each_name(table, whole, [&names](std::string& argument, const Option*) {
        argument = with_whole_name(argument, names);
    });
    Found found;
    try {
        found = find(table, whole);
    } catch (const Error&) {
        return {};  // it is read again, and complained about, when the test is loaded
    }
    GivenArguments result = given(found);
    bool after_unknown = false;
    for (const std::string& word : found.extras) {
        const bool is_option = looks_like_option(word);
        if (!is_option && !after_unknown) result.words.push_back(word);
        after_unknown = is_option && word.find('=') == std::string::npos;
    }
    return result;
}

bool has_inexact_name(const std::vector<Option>& table, const std::vector<std::string>& arguments) {
    const std::vector<std::string> names = long_names(table);
    std::vector<std::string> words = arguments;
    bool any = false;
    for_each_name(table, words, [&](const std::string& argument, const Option*) {
        const bool is_exact =
            std::find(names.begin(), names.end(), name_of(argument)) != names.end();
        any = any || (!argument.empty() && !is_exact);
    });
    return any;
}

void reject_unknown(const std::vector<Option>& table, const std::vector<std::string>& words) {
    std::string message = fmt::format("unrecognized arguments: {}", fmt::join(words, " "));
    for (const std::string& word : words) {
        const std::string hint = meant(name_of(word), long_names(table));
        message += hint;
        if (!hint.empty()) break;
    }
    const bool may_be_a_tests = std::any_of(
        words.begin(), words.end(), [](const auto& word) { return word.starts_with("--"); });
    if (may_be_a_tests) throw UnknownName(message);
    throw Error(message, ExitCode::BadArguments);
}

}  // namespace cicada::cli
