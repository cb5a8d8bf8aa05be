// SPDX-License-Identifier: Apache-2.0
#include "cli/test_arguments.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "base/error.hpp"
#include "base/shown_path.hpp"
#include "user/arguments.hpp"

namespace cicada::cli {
namespace {

using user::ArgumentSlot;

/// "What to buy; one of tea, cake; default: tea."
std::string help_of(const ArgumentSlot& argument) {
    std::string text = argument.help;
    while (text.ends_with('.')) text.pop_back();
    const auto add = [&text](const std::string& more) {
        text += (text.empty() ? "" : "; ") + more;
    };
    if (!argument.choices.empty()) {
        add(fmt::format("one of {}", fmt::join(argument.choices, ", ")));
    }
    if (argument.required) {
        add("required");
    } else if (const std::string value = user::shown_value(argument);
               !user::is_flag(argument) && !argument.secret && !value.empty()) {
        add(fmt::format("default: {}", value));
    }
    if (!argument.environment.empty()) add(fmt::format("variable: {}", argument.environment));
    return text.empty() ? text : text + ".";
}

Option option_of(ArgumentSlot& argument) {
    const auto assign = [&argument](const std::string& text) {
        return user::assign(argument, text);
    };
    return {.section = "Arguments of the test",
            .name = std::string_view(argument.flag).substr(2),
            .variable = argument.environment,
            .target = ElsewhereKept{user::is_flag(argument), assign},
            .value_name = user::value_name(argument),
            .help = help_of(argument),
            .standing = Standing::OfTest};
}

}  // namespace

std::vector<Option> options_of_test(const user::Registry& registry,
                                    const std::vector<Option>& own) {
    std::vector<Option> options;
    std::string complaints;
    for (const std::unique_ptr<ArgumentSlot>& argument : registry.arguments()) {
        options.push_back(option_of(*argument));
        const bool is_taken = std::any_of(own.begin(), own.end(), [&](const Option& option) {
            return option.name == options.back().name;
        });
        if (!is_taken) continue;
        complaints += fmt::format("{}{}: argument {}: cicada has an option of that name",
                                  complaints.empty() ? "" : "\n",
                                  base::shown(argument->place),
                                  argument->flag);
    }
    if (!complaints.empty()) throw base::Error(complaints);
    return options;
}

void expect_required_arguments(const user::Registry& registry) {
    std::vector<std::string> missing;
    for (const ArgumentSlot* const argument : user::missing_arguments(registry)) {
        missing.push_back(argument->flag);
    }
    if (missing.empty()) return;
    throw base::Error(
        fmt::format("the following arguments are required: {}", fmt::join(missing, ", ")),
        base::ExitCode::BadArguments);
}

}  // namespace cicada::cli
