// SPDX-License-Identifier: Apache-2.0
#include "cli/selection.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cicada/users.hpp>
#include <filesystem>
#include <fstream>

#include "base/error.hpp"
#include "user/task_tree.hpp"

namespace cicada::cli {
namespace {

class Shopper : public User {
public:
    void browse() {}
    void buy() {}
};
class Editor : public User {
public:
    void save() {}
};

/// A loaded test with two classes: Shopper (browse, weight 3, tag read; buy) and Editor (save).
class LoadedTest {
public:
    LoadedTest() {
        user::registry().clear();
        users<Shopper>()
            .weight(5)
            .task<&Shopper::browse>({.weight = 3, .tags = {"read"}})
            .task<&Shopper::buy>();
        users<Editor>().task<&Editor::save>({.tags = {"write"}});
        user::registry().seal();
    }
    LoadedTest(const LoadedTest&) = delete;
    LoadedTest& operator=(const LoadedTest&) = delete;
    ~LoadedTest() { user::registry().clear(); }
};

/// What takes part: "Shopper*5: browse*3 buy*1; ..." or, of a fixed count, "Shopper=1".
std::string chosen(const Settings& settings) {
    const LoadedTest test;
    std::string text;
    for (const user::Declaration* const one : select_users(settings, user::registry())) {
        text += text.empty() ? "" : "; ";
        text += one->name;
        text += one->fixed_count > 0 ? "=" + std::to_string(one->fixed_count)
                                     : "*" + std::to_string(static_cast<int>(one->weight));
        text += ":";
        for (const user::Choice& choice : one->tasks_to_run->choices) {
            text += " " + choice.task->name + "*" + std::to_string(choice.weight);
        }
    }
    return text;
}

std::string complaint(const Settings& settings) {
    try {
        return "nothing: " + chosen(settings);
    } catch (const base::Error& error) {
        return std::to_string(static_cast<int>(error.exit_code())) + " " + error.what();
    }
}

TEST_CASE("words choose classes, or tasks of classes") {
    // Goal: what is named runs, nothing else; the whole class if it is named alone.
    // Method: each form, also mixed and repeated.
    CHECK(chosen({}) == "Shopper*5: browse*3 buy*1; Editor*1: save*1");
    CHECK(chosen({.user_classes = {"Editor"}}) == "Editor*1: save*1");
    CHECK(chosen({.user_classes = {"Shopper.buy"}}) == "Shopper*5: buy*1");
    CHECK(chosen({.user_classes = {"Shopper.buy", "Editor", "Shopper.browse"}}) ==
          "Shopper*5: browse*3 buy*1; Editor*1: save*1");
    CHECK(chosen({.user_classes = {"Shopper", "Shopper.buy"}}) == "Shopper*5: browse*3 buy*1");
    CHECK(chosen({.user_classes = {"Shopper.buy", "Shopper"}}) == "Shopper*5: browse*3 buy*1");
    CHECK(complaint({.user_classes = {"Shoper"}}) ==
          "1 there is no user class Shoper\nDid you mean 'Shopper'?");
    CHECK(complaint({.user_classes = {"Xyz"}}) ==
          "1 there is no user class Xyz; the test has Shopper, Editor");
    CHECK(complaint({.user_classes = {"Shopper.brows"}}) ==
          "1 there is no task of Shopper called brows\nDid you mean 'browse'?");
}

TEST_CASE("weights, tags and --once") {
    // Goal: each option changes what it says and nothing else.
    // Method: one after the other; a class that is left without a task.
    CHECK(chosen({.equal_weights = true}) == "Shopper*1: browse*1 buy*1; Editor*1: save*1");
    CHECK(chosen({.user_classes = {"Shopper"}, .tags = {"read"}}) == "Shopper*5: browse*3");
    CHECK(chosen({.exclude_tags = {"read"}}) == "Shopper*5: buy*1; Editor*1: save*1");
    CHECK(complaint({.tags = {"read"}}).starts_with("1 "));
    CHECK(complaint({.tags = {"read"}}).find("Editor") != std::string::npos);
    CHECK(chosen({.once = true}) == "Shopper=1: browse*3 buy*1; Editor=1: save*1");
}

TEST_CASE("--config-users changes classes by name") {
    // Goal: Locust's JSON: an object, a list, a file; every mistake with its text, exit code 255.
    // Method: each form and each mistake.
    const auto with = [](const std::string& json) { return Settings{.config_users = {json}}; };
    CHECK(chosen(with(R"({"user_class_name": "Shopper", "weight": 2, "tasks": ["buy"]})")) ==
          "Shopper*2: buy*1; Editor*1: save*1");
    CHECK(chosen(with(R"([{"user_class_name": "Editor", "fixed_count": 4},
                          {"user_class_name": "Shopper", "weight": 7}])")) ==
          "Shopper*7: browse*3 buy*1; Editor=4: save*1");
    const auto file = std::filesystem::temp_directory_path() /
                      ("cicada-users-" + std::to_string(getpid()) + ".json");
    std::ofstream(file) << R"({"user_class_name": "Editor", "fixed_count": 2})";
    CHECK(chosen(with(file.string())) == "Shopper*5: browse*3 buy*1; Editor=2: save*1");
    std::filesystem::remove(file);

    const auto wrong = [&](const std::string& json) {
        const std::string told = complaint(with(json));
        const std::string_view lead = "255 argument --config-users: ";
        return told.starts_with(lead) ? told.substr(lead.size()) : told;
    };
    CHECK(wrong("{") == "{ is no JSON");
    CHECK(wrong("[5]") == "5 is no JSON object");
    CHECK(wrong("{}") == "'user_class_name' is missing in {}");
    CHECK(
        wrong(R"({"user_class_name": "Editor", "wieght": 2})") ==
        R"(unknown key 'wieght' in {"user_class_name":"Editor","wieght":2}; did you mean 'weight'?)");
    CHECK(wrong(R"({"user_class_name": "Editor", "weight": -1})")
              .starts_with("'weight' is a number of 0 or more, in "));
    CHECK(wrong(R"({"user_class_name": "Editor", "fixed_count": 1.5})")
              .starts_with("'fixed_count' is a whole number of 0 or more, in "));
    CHECK(wrong(R"({"user_class_name": "Editor", "tasks": "save"})")
              .starts_with("'tasks' is a list of names, in "));
    CHECK(wrong("none.json") == "cannot read none.json");
    CHECK(wrong(R"({"user_class_name": "Edtor"})") ==
          "255 there is no user class Edtor\nDid you mean 'Editor'?");
    CHECK(wrong(R"({"user_class_name": "Editor", "tasks": ["sav"]})") ==
          "255 there is no task of Editor called sav\nDid you mean 'save'?");
}

}  // namespace
}  // namespace cicada::cli
