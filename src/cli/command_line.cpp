// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.hpp"

#include <fmt/format.h>

#include <set>
#include <sstream>
#include <string_view>
#include <utility>

#include "cli/arguments.hpp"
#include "cli/meant.hpp"
#include "cli/option_table.hpp"
#include "stats/threshold.hpp"

namespace cicada::cli {
namespace {

using base::Error;
using base::ExitCode;

bool is_url(const std::string& word) {
    return word.find("://") != std::string::npos;
}

bool is_test_file(const std::string& word) {
    return word.ends_with(".cpp") || word.ends_with(".so");
}

/// A word is the URL to test, a user class, or one task of it.
void take_words(const std::vector<std::string>& words, Settings& settings) {
    for (const std::string& word : words) {
        if (is_test_file(word)) {
            const std::string hint = meant_command(words.front());
            throw Error(
                fmt::format("{} is no user class: name a test file with -f {}{}", word, word, hint),
                ExitCode::BadArguments);
        }
        if (!is_url(word)) {
            settings.user_classes.push_back(word);
        } else if (settings.url) {
            throw Error("one URL can be tested at a time, not " + *settings.url + " and " + word,
                        ExitCode::BadArguments);
        } else {
            settings.url = word;
        }
    }
}

/// Words of the environment, when the command line has none.
void take_words(const Environment& environment, Settings& settings) {
    if (settings.url || !settings.user_classes.empty()) return;
    for (const char* const name : {"CICADA_USER_CLASSES", "LOCUST_USER_CLASSES"}) {
        const auto value = environment(name);
        if (!value) continue;
        std::istringstream words(*value);
        for (std::string word; words >> word;) settings.user_classes.push_back(word);
        return;
    }
}

/// What the command line says stands against what weaker sources say beside it.
void let_command_line_win(const GivenArguments& given, Settings& settings) {
    std::set<std::string_view> said;
    for (const auto& [option, values] : given.values) said.insert(option->name);
    const auto drop = [&said](bool& weak, const char* name, bool strong, const char* strong_name) {
        if (strong && said.contains(strong_name) && !said.contains(name)) weak = false;
    };
    drop(settings.headless, "headless", settings.autostart, "autostart");
    drop(settings.autostart, "autostart", settings.headless, "headless");
    drop(settings.autostart, "autostart", settings.once, "once");
    drop(settings.json, "json", settings.once, "once");
    drop(settings.print_stats, "print-stats", settings.only_summary, "only-summary");
    drop(settings.only_summary, "only-summary", settings.print_stats, "print-stats");
    const bool ends_itself = said.contains("headless") || said.contains("once");
    if (ends_itself && !said.contains("autoquit")) settings.autoquit_seconds = -1;
    if (settings.url && !said.contains("locustfile")) settings.test_files.clear();
}

/// Every list of processes shows the command line.
void expect_hidden_secret(const GivenArguments& given) {
    for (const auto& [option, values] : given.values) {
        if (option->name != "cluster-secret" || values.empty()) continue;
        if (values.back().starts_with('@')) continue;
        throw Error(
            "argument --cluster-secret: there it would show in every list of processes; "
            "write @FILE, or set CICADA_CLUSTER_SECRET",
            ExitCode::BadArguments);
    }
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
    if (settings.url && !settings.user_classes.empty()) {
        reject("a test of one URL has no user class " + settings.user_classes.front());
    }
    if (settings.record_file && !settings.once) reject("argument --record: it needs --once");
    if (settings.once && settings.json) {
        reject("argument --json: with --once stdout shows the requests; use --json-file NAME");
    }
    if (settings.once && settings.autostart) {
        reject("argument --autostart: it cannot be combined with --once");
    }
    if (settings.answers_file && settings.dry_run != "tasks") {
        reject("argument --answers: it needs --dry-run=tasks");
    }
    if (settings.once && !settings.dry_run.empty()) {
        reject("argument --once: it cannot be combined with --dry-run");
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
    if (settings.master && settings.worker) {
        reject("argument --worker: it cannot be combined with --master", ExitCode::BadUserConfig);
    }
    const bool many = settings.processes.value_or(0) != 0;
    if (many && settings.master) {
        reject("argument --processes: it cannot be combined with --master");
    }
    if (many && settings.once) {
        reject("argument --processes: it cannot be combined with --once");
    }
    if (settings.master && settings.worker) {
        reject("argument --master: it cannot be combined with --worker", ExitCode::BadUserConfig);
    }
    if (settings.master && settings.once) {
        reject("argument --master: it cannot be combined with --once");
    }
    for (const std::string& text : settings.checks) {
        if (const auto threshold = stats::parse_threshold(text); !threshold) {
            reject(fmt::format("argument --check: \"{}\": {}", text, threshold.error()));
        }
    }
    if (settings.check_abort && settings.checks.empty()) {
        reject("argument --check-abort: it needs --check");
    }
}

Settings read_settings(const Sources& sources,
                       const std::vector<Option>& of_test,
                       Reading reading) {
    Settings settings;
    std::vector<Option> table = option_table(settings);
    table.insert(table.end(), of_test.begin(), of_test.end());
    const GivenArguments given = read_sources(table, sources, settings.config, reading);
    if (settings.help || settings.version) return settings;
    expect_hidden_secret(given);
    take_words(given.words, settings);
    let_command_line_win(given, settings);
    if (settings.headful) settings.headless = false;
    if (reading == Reading::WhatLoads) return settings;
    take_words(sources.environment, settings);
    check_settings(settings);
    return settings;
}

}  // namespace

FirstLook look_at_command_line(const Sources& sources) {
    FirstLook look;
    try {
        look.settings = read_settings(sources, {}, Reading::All);
        return look;
    } catch (const UnknownName& error) {
        look.doubt = error;
    } catch (const Error& error) {
        Settings unused;
        if (!has_inexact_name(option_table(unused), sources.arguments)) throw;
        look.doubt = error;
    }
    look.settings = read_settings(sources, {}, Reading::WhatLoads);
    if (look.settings.url) throw Error(*look.doubt);  // that test declares nothing
    return look;
}

Settings parse_command_line(const Sources& sources, const std::vector<Option>& of_test) {
    return read_settings(sources, of_test, Reading::All);
}

namespace {

/// The settings of a command that takes its options and nothing else.
template <class Settings>
Settings parsed(const std::vector<std::string>& arguments) {
    Settings settings;
    const std::vector<Option> table = option_table(settings);
    const GivenArguments given = read_arguments(table, arguments);
    if (!given.words.empty()) reject_unknown(table, given.words);
    expect_hidden_secret(given);
    for (const auto& [option, values] : given.values) {
        for (const std::string& value : values) {
            assign(*option, value, "argument " + option->flags());
        }
    }
    return settings;
}

}  // namespace

DemoSettings parse_demo_command_line(const std::vector<std::string>& arguments) {
    return parsed<DemoSettings>(arguments);
}

SimulationSettings parse_simulation_command_line(const std::vector<std::string>& arguments) {
    return parsed<SimulationSettings>(arguments);
}

}  // namespace cicada::cli
