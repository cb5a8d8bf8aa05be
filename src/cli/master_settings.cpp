// SPDX-License-Identifier: Apache-2.0
#include "cli/master_settings.hpp"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "base/error.hpp"
#include "cli/selection.hpp"

namespace cicada::cli {
namespace {

using Json = nlohmann::json;

/// `["read", "write"]`, or `read, write`.
std::vector<std::string> words_in(const std::string& text) {
    std::vector<std::string> words;
    const Json list = Json::parse(text, nullptr, false);
    if (list.is_array()) {
        for (const Json& word : list) {
            if (word.is_string()) words.push_back(word.get<std::string>());
        }
        return words;
    }
    std::istringstream stream(text);
    for (std::string word; std::getline(stream, word, ',');) {
        const std::size_t first = word.find_first_not_of(' ');
        if (first == std::string::npos) continue;
        words.push_back(word.substr(first, word.find_last_not_of(' ') - first + 1));
    }
    return words;
}

user::ArgumentSlot* find_argument(const user::Registry& registry, const std::string& option) {
    for (const std::unique_ptr<user::ArgumentSlot>& argument : registry.arguments()) {
        if (argument->flag == "--" + option) return argument.get();
    }
    return nullptr;
}

}  // namespace

MasterSettings::MasterSettings(Settings own, user::Registry& registry)
    : own_(std::move(own)), registry_(registry) {}

std::vector<std::string> MasterSettings::take(
    const std::vector<std::pair<std::string, std::string>>& settings) {
    std::vector<std::string> complaints;
    Settings changed = own_;
    bool selects = false;
    for (const auto& [option, text] : settings) {
        if (option == "tags") {
            changed.tags = words_in(text);
            selects = true;
        } else if (option == "exclude-tags") {
            changed.exclude_tags = words_in(text);
            selects = true;
        } else if (option == "config-users") {
            changed.config_users.push_back(text);
            selects = true;
        } else if (user::ArgumentSlot* const argument = find_argument(registry_, option)) {
            const auto assigned = user::assign(*argument, text);
            if (assigned) continue;
            complaints.push_back(
                fmt::format("the master's {}: {}", argument->flag, assigned.error()));
        }
    }
    if (!selects && !has_selected_) return complaints;
    has_selected_ = selects;
    try {
        [[maybe_unused]] const auto classes = select_users(changed, registry_);
    } catch (const base::Error& error) {
        complaints.push_back(
            fmt::format("what the master says of classes and tags: {}", error.what()));
    }
    return complaints;
}

std::vector<std::string> shared_things(const Settings& settings,
                                       const user::Registry& registry,
                                       const std::vector<const user::Declaration*>& classes) {
    std::vector<std::string> things;
    if (settings.iterations) things.emplace_back("--iterations");
    for (const user::Declaration* const declaration : classes) {
        if (declaration->iterations) {
            things.push_back(fmt::format("iterations of {}", declaration->name));
        }
        if (declaration->arrivals) {
            things.push_back(fmt::format("arrivals of {}", declaration->name));
        }
        for (const user::Task& task : declaration->tasks) {
            if (task.limit || task.request_limit) {
                things.push_back(fmt::format("a limit of {}", task.label));
            }
        }
    }
    for (const auto& task_set : registry.task_sets()) {
        for (const user::Task& task : task_set->tasks) {
            if (task.limit || task.request_limit) {
                things.push_back(fmt::format("a limit of {}", task.label));
            }
        }
    }
    for (const auto& feeder : registry.feeders()) {
        if (feeder->feed == Feed::Unique) {
            things.push_back(fmt::format("rows of {}", feeder->name));
        }
    }
    return things;
}

}  // namespace cicada::cli
