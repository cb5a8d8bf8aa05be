// SPDX-License-Identifier: Apache-2.0
#include "cli/selection.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <memory>

#include "base/error.hpp"
#include "cli/meant.hpp"
#include "user/task_tree.hpp"

namespace cicada::cli {
namespace {

using user::Declaration;

[[noreturn]] void reject(const std::string& what,
                         const std::string& name,
                         const std::vector<std::string>& known,
                         base::ExitCode exit_code,
                         const std::string& other_hint = "") {
    std::string hint = meant(name, known);
    if (hint.empty()) hint = other_hint;
    if (hint.empty()) hint = fmt::format("; the test has {}", fmt::join(known, ", "));
    throw base::Error(fmt::format("there is no {} {}{}", what, name, hint), exit_code);
}

/// The classes of a test that the settings change, while nobody runs yet.
class Selection {
public:
    explicit Selection(user::Registry& registry) : registry_(registry) {}

    /// `Shopper`, or `Shopper.browse`.
    void add_word(const std::string& word) {
        if (find(word) != nullptr) {
            words_[word].clear();
            whole_.push_back(word);
            return;
        }
        const std::size_t dot = word.rfind('.');
        const std::string name = word.substr(0, dot);
        if (dot == std::string::npos || find(name) == nullptr) {
            reject("user class", name, class_names(), base::ExitCode::Failed, meant_command(name));
        }
        const std::string task = word.substr(dot + 1);
        expect_task(*find(name), task, base::ExitCode::Failed);
        const bool is_whole = std::find(whole_.begin(), whole_.end(), name) != whole_.end();
        auto& tasks = words_[name];
        if (!is_whole) tasks.push_back(task);
    }

    void add(const UserConfig& config) {
        Declaration* const declaration = find(config.user_class);
        if (declaration == nullptr) {
            reject("user class", config.user_class, class_names(), base::ExitCode::BadUserConfig);
        }
        if (config.host) declaration->host = *config.host;
        if (config.weight) declaration->weight = *config.weight;
        if (config.fixed_count) declaration->fixed_count = *config.fixed_count;
        if (!config.tasks) return;
        for (const std::string& task : *config.tasks) {
            expect_task(*declaration, task, base::ExitCode::BadUserConfig);
        }
        kept_[config.user_class] = *config.tasks;
    }

    void level_weights() {
        for (const auto& declaration : registry_.declarations()) declaration->weight = 1;
    }

    void give_each_class_one_user() {
        for (const auto& declaration : registry_.declarations()) declaration->fixed_count = 1;
    }

    [[nodiscard]] std::vector<const Declaration*> classes() const {
        std::vector<const Declaration*> chosen;
        for (const auto& declaration : registry_.declarations()) {
            if (words_.empty() || words_.contains(declaration->name)) {
                chosen.push_back(declaration.get());
            }
        }
        return chosen;
    }

    /// The tasks that words and configurations name; a word is the stronger.
    [[nodiscard]] std::vector<std::pair<std::string, std::vector<std::string>>> tasks() const {
        std::map<std::string, std::vector<std::string>> tasks = kept_;
        for (const auto& [name, named] : words_) {
            if (!named.empty()) tasks[name] = named;
        }
        return {tasks.begin(), tasks.end()};
    }

private:
    [[nodiscard]] Declaration* find(const std::string& name) const {
        for (const auto& declaration : registry_.declarations()) {
            if (declaration->name == name) return declaration.get();
        }
        return nullptr;
    }

    [[nodiscard]] std::vector<std::string> class_names() const {
        std::vector<std::string> names;
        for (const auto& declaration : registry_.declarations()) {
            names.push_back(declaration->name);
        }
        return names;
    }

    static void expect_task(const Declaration& declaration,
                            const std::string& task,
                            base::ExitCode exit_code) {
        std::vector<std::string> known;
        for (const user::Task& one : declaration.tasks) known.push_back(one.name);
        if (std::find(known.begin(), known.end(), task) == known.end()) {
            reject(fmt::format("task of {} called", declaration.name), task, known, exit_code);
        }
    }

    user::Registry& registry_;
    std::map<std::string, std::vector<std::string>> words_;  ///< class to tasks; none: all of them
    std::vector<std::string> whole_;                         ///< classes that a word names alone
    std::map<std::string, std::vector<std::string>> kept_;   ///< by --config-users
};

}  // namespace

std::vector<const Declaration*> select_users(const Settings& settings, user::Registry& registry) {
    Selection selection(registry);
    for (const UserConfig& config : parse_user_configs(settings.config_users)) {
        selection.add(config);
    }
    for (const std::string& word : settings.user_classes) selection.add_word(word);
    if (settings.equal_weights) selection.level_weights();
    if (settings.once) selection.give_each_class_one_user();

    const std::vector<const Declaration*> classes = selection.classes();
    const std::vector<std::string> complaints =
        registry.select_tasks({.tags = settings.tags,
                               .exclude_tags = settings.exclude_tags,
                               .equal_weights = settings.equal_weights,
                               .tasks_of_class = selection.tasks()},
                              classes);
    if (!complaints.empty()) throw base::Error(fmt::format("{}", fmt::join(complaints, "\n")));
    return classes;
}

}  // namespace cicada::cli
