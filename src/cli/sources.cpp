// SPDX-License-Identifier: Apache-2.0
#include "cli/sources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>

#include "base/error.hpp"
#include "cli/config_file.hpp"
#include "cli/meant.hpp"

namespace cicada::cli {
namespace {

namespace fs = std::filesystem;

/// What says which test to load, and what to print while loading it.
bool is_needed_to_load(const Option& option) {
    static constexpr std::array<std::string_view, 7> kNames = {
        "locustfile", "config", "help", "version", "loglevel", "logfile", "skip-log-setup"};
    return std::find(kNames.begin(), kNames.end(), option.name) != kNames.end();
}

/// Gives each option its value once: the first source that has it is the strongest.
class Assignments {
public:
    Assignments(const std::vector<Option>& table, Reading reading)
        : table_(table), reading_(reading) {}

    void arguments(const GivenArguments& given) {
        for (const auto& [option, values] : given.values) {
            take(*option, values, fmt::format("argument {}", option->flags()));
        }
    }

    void environment(const Environment& environment) {
        for (const Option& option : table_) {
            for (const std::string& name : option.variables()) {
                const auto value = environment(name);
                if (!value) continue;
                take(option,
                     words_of_variable(option, *value),
                     fmt::format("environment variable {}", name));
                break;
            }
        }
    }

    /// `entries` of one file; of a key that stands in it twice the last counts.
    void config(std::vector<ConfigEntry> entries) {
        std::reverse(entries.begin(), entries.end());
        for (const ConfigEntry& entry : entries) {
            const Option* const option = find(entry);
            if (option == nullptr) continue;
            const std::string source = fmt::format("{}: {}", entry.place, entry.key);
            if (entry.is_list && !option->takes_several()) {
                throw base::Error(source + ": it takes one value, not a list",
                                  base::ExitCode::BadArguments);
            }
            take(*option, entry.values, source);
        }
    }

private:
    static std::vector<std::string> words_of_variable(const Option& option,
                                                      const std::string& value) {
        if (!option.takes_several()) return {value};
        if (value.empty()) return {};
        if (auto list = list_from(value)) return *list;
        return {value};
    }

    void take(const Option& option,
              const std::vector<std::string>& values,
              const std::string& source) {
        if (reading_ == Reading::WhatLoads && !is_needed_to_load(option)) return;
        const bool says_nothing =
            option.takes_several() &&
            std::all_of(values.begin(), values.end(), [](const auto& v) { return v.empty(); });
        if (says_nothing || !given_.insert(&option).second) return;
        for (const std::string& value : values) assign(option, value, source);
    }

    /// Null: one that is not read now.
    const Option* find(const ConfigEntry& entry) const {
        const auto found = std::find_if(table_.begin(), table_.end(), [&](const Option& option) {
            return option.name == entry.key && option.may_be_configured();
        });
        if (found != table_.end() && found->name != "config") return &*found;
        if (reading_ == Reading::WhatLoads) return nullptr;
        if (found != table_.end()) {
            throw base::Error(entry.place + ": a config file cannot name another",
                              base::ExitCode::BadArguments);
        }
        reject(entry);
    }

    [[noreturn]] void reject(const ConfigEntry& entry) const {
        std::vector<std::string> keys;
        for (const Option& option : table_) {
            if (option.may_be_configured()) keys.emplace_back(option.name);
        }
        throw UnknownName(
            fmt::format("{}: unknown key '{}'{}", entry.place, entry.key, meant(entry.key, keys)));
    }

    const std::vector<Option>& table_;
    Reading reading_;
    std::set<const Option*> given_;
};

/// The entries of each config file there is, the strongest file first.
std::vector<std::vector<ConfigEntry>> config_files(const Sources& sources,
                                                   const std::optional<std::string>& config) {
    std::vector<std::vector<ConfigEntry>> files;
    if (config) {
        auto entries = read_config_file(sources.folder / *config, *config);
        if (!entries) {
            throw base::Error(fmt::format("argument --config: there is no file {}", *config),
                              base::ExitCode::BadArguments);
        }
        files.push_back(std::move(*entries));
    }
    const auto add = [&files](const fs::path& file, const std::string& name) {
        if (auto entries = read_config_file(file, name)) files.push_back(std::move(*entries));
    };
    for (const char* const name : {"pyproject.toml", "cicada.conf", "locust.conf"}) {
        add(sources.folder / name, name);
    }
    if (const auto home = sources.environment("HOME"); home && !home->empty()) {
        for (const char* const name : {".cicada.conf", ".locust.conf"}) {
            add(fs::path(*home) / name, fmt::format("~/{}", name));
        }
    }
    return files;
}

}  // namespace

std::optional<std::string> process_environment(const std::string& name) {
    const char* const value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): at start
    if (value == nullptr) return std::nullopt;
    return std::string(value);
}

GivenArguments read_sources(const std::vector<Option>& table,
                            const Sources& sources,
                            const std::optional<std::string>& config,
                            Reading reading) {
    GivenArguments given = reading == Reading::All ? read_arguments(table, sources.arguments)
                                                   : guess_arguments(table, sources.arguments);
    Assignments assignments(table, reading);
    assignments.arguments(given);
    assignments.environment(sources.environment);
    for (std::vector<ConfigEntry>& entries : config_files(sources, config)) {
        assignments.config(std::move(entries));
    }
    return given;
}

}  // namespace cicada::cli
