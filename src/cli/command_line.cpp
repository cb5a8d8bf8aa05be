// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <map>
#include <utility>

#include "base/error.hpp"
#include "base/nearest.hpp"
#include "cli/option_table.hpp"

namespace cicada::cli {
namespace {

using base::Error;
using base::ExitCode;

std::vector<std::string> long_names(const std::vector<Option>& table) {
    std::vector<std::string> names;
    for (const Option& option : table) names.push_back(fmt::format("--{}", option.name));
    return names;
}

/// `--head` becomes `--headless` when no other name begins so.
std::string with_whole_name(const std::string& argument, const std::vector<std::string>& names) {
    const std::size_t name_end = std::min(argument.find('='), argument.size());
    const std::string name = argument.substr(0, name_end);
    if (name.size() <= 2 || std::find(names.begin(), names.end(), name) != names.end()) {
        return argument;
    }
    std::vector<std::string> matches;
    std::copy_if(
        names.begin(), names.end(), std::back_inserter(matches), [&name](const auto& known) {
            return known.starts_with(name);
        });
    if (matches.size() > 1) {
        throw Error(
            fmt::format("ambiguous option: {} could match {}", name, fmt::join(matches, ", ")),
            ExitCode::BadArguments);
    }
    return matches.empty() ? argument : matches.front() + argument.substr(name_end);
}

/// The option of that exact name that needs a value; null: none.
const Option* option_with_value(const std::vector<Option>& table, const std::string& argument) {
    const auto found = std::find_if(table.begin(), table.end(), [&argument](const Option& option) {
        const bool is_this = argument == fmt::format("--{}", option.name) ||
                             (option.letter != 0 && argument == fmt::format("-{}", option.letter));
        return is_this && !option.is_flag();
    });
    return found == table.end() ? nullptr : &*found;
}

/// Arguments with whole names, but for those that are another option's value.
std::vector<std::string> with_whole_names(const std::vector<Option>& table,
                                          const std::vector<std::string>& arguments) {
    const std::vector<std::string> names = long_names(table);
    const auto expect_no_option = [](const Option* option) {
        if (option == nullptr) return;
        throw Error(fmt::format("argument {}: expected one argument", option->flags()),
                    ExitCode::BadArguments);
    };
    std::vector<std::string> whole;
    const Option* waits_for_value = nullptr;
    for (const std::string& argument : arguments) {
        if (argument.starts_with("--")) {
            expect_no_option(waits_for_value);
            whole.push_back(with_whole_name(argument, names));
        } else {
            whole.push_back(argument);
        }
        const bool was_value = std::exchange(waits_for_value, nullptr) != nullptr;
        if (!was_value) waits_for_value = option_with_value(table, whole.back());
    }
    expect_no_option(waits_for_value);
    return whole;
}

std::string cli11_name(const Option& option) {
    return option.letter == 0 ? fmt::format("--{}", option.name)
                              : fmt::format("-{},--{}", option.letter, option.name);
}

/// Collects what CLI11 finds; the values are converted later, by the table.
struct Found {
    std::map<const Option*, std::vector<std::string>> values;
    std::map<const Option*, bool> flags;
};

void declare(CLI::App& app, const Option& option, Found& found) {
    if (option.is_flag()) {
        app.add_flag(cli11_name(option), found.flags[&option])
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    } else {
        app.add_option(cli11_name(option), found.values[&option])
            ->expected(1)
            ->allow_extra_args(false)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    }
}

void assign_all(const std::vector<Option>& table, const Found& found) {
    for (const Option& option : table) {
        const std::string source = fmt::format("argument {}", option.flags());
        if (option.is_flag()) {
            if (found.flags.at(&option)) assign(option, "true", source);
        } else if (const auto& values = found.values.at(&option); !values.empty()) {
            if (auto* const* list = std::get_if<std::vector<std::string>*>(&option.target)) {
                (*list)->clear();  // what the environment said
            }
            for (const std::string& value : values) assign(option, value, source);
        }
    }
}

[[noreturn]] void reject_unknown(const std::vector<Option>& table,
                                 const std::vector<std::string>& extras) {
    std::string message = fmt::format("unrecognized arguments: {}", fmt::join(extras, " "));
    for (const std::string& extra : extras) {
        const std::string name = extra.substr(0, extra.find('='));
        if (const auto near = base::nearest(name, long_names(table))) {
            message += fmt::format("\nDid you mean '{}'?", *near);
            break;
        }
    }
    throw Error(message, ExitCode::BadArguments);
}

bool is_url(const std::string& argument) {
    return argument.find("://") != std::string::npos;
}

void check_settings(const Settings& settings) {
    const auto reject = [](const std::string& why, ExitCode code = ExitCode::BadArguments) {
        throw Error(why, code);
    };
    if (settings.csv_full_history && !settings.csv_prefix) {
        reject("argument --csv-full-history: it needs --csv PREFIX");
    }
    if (settings.url && !settings.test_files.empty()) {
        reject("argument -f/--locustfile: a test is either a file or one URL, not both");
    }
    if (settings.headless && settings.autostart) {
        reject("argument --autostart: it cannot be combined with --headless");
    }
    if (settings.autoquit_seconds >= 0 && !settings.autostart) {
        reject("argument --autoquit: it needs --autostart", ExitCode::Failed);
    }
    if (settings.only_summary && settings.print_stats) {
        reject("argument --only-summary: it cannot be combined with --print-stats");
    }
}

}  // namespace

std::optional<std::string> process_environment(const std::string& name) {
    const char* const value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): at start
    if (value == nullptr) return std::nullopt;
    return std::string(value);
}

std::vector<std::string> parse_arguments(const std::vector<Option>& table,
                                         const std::vector<std::string>& arguments) {
    CLI::App app;
    app.set_help_flag();
    app.allow_extras();
    Found found;
    for (const Option& option : table) declare(app, option, found);
    std::vector<std::string> reversed = with_whole_names(table, arguments);
    std::reverse(reversed.begin(), reversed.end());  // as CLI11 wants them
    try {
        app.parse(std::move(reversed));
    } catch (const CLI::ParseError& error) {
        throw Error(error.what(), ExitCode::BadArguments);
    }
    assign_all(table, found);
    const std::vector<std::string> extras = app.remaining();
    const bool any_unknown = std::any_of(extras.begin(), extras.end(), [](const auto& extra) {
        return extra.size() > 1 && extra.starts_with('-');
    });
    if (any_unknown) reject_unknown(table, extras);
    return extras;
}

void read_environment(const std::vector<Option>& table, const Environment& environment) {
    for (const Option& option : table) {
        if (option.variable.empty()) continue;
        for (const std::string_view prefix : {"CICADA_", "LOCUST_"}) {
            const std::string name = fmt::format("{}{}", prefix, option.variable);
            if (const auto value = environment(name)) {
                assign(option, *value, fmt::format("environment variable {}", name));
                break;
            }
        }
    }
}

Settings parse_command_line(const std::vector<std::string>& arguments,
                            const Environment& environment) {
    Settings settings;
    const std::vector<Option> table = option_table(settings);
    read_environment(table, environment);
    const std::vector<std::string> positional = parse_arguments(table, arguments);
    if (settings.help || settings.version) return settings;
    for (const std::string& argument : positional) {
        if (!is_url(argument) || settings.url) reject_unknown(table, positional);
        settings.url = argument;
    }
    check_settings(settings);
    return settings;
}

DemoSettings parse_demo_command_line(const std::vector<std::string>& arguments) {
    DemoSettings settings;
    const std::vector<Option> table = option_table(settings);
    const std::vector<std::string> positional = parse_arguments(table, arguments);
    if (!positional.empty()) reject_unknown(table, positional);
    return settings;
}

std::string help_text(const std::string& usage, const std::vector<Option>& table) {
    std::string text = usage;
    std::string_view section;
    for (const Option& option : table) {
        if (option.section != section) {
            section = option.section;
            text += fmt::format("\n{}:\n", section);
        }
        std::string flags = option.letter == 0
                                ? fmt::format("    --{}", option.name)
                                : fmt::format("-{}, --{}", option.letter, option.name);
        if (!option.value_name.empty()) flags += fmt::format(" {}", option.value_name);
        text += fmt::format("  {:<32} {}\n", flags, option.help);
    }
    return text;
}

}  // namespace cicada::cli
