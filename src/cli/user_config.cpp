// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>

#include "base/error.hpp"
#include "base/nearest.hpp"
#include "cli/selection.hpp"
#include "http/url.hpp"

namespace cicada::cli {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 5> kKeys = {
    "user_class_name", "host", "weight", "fixed_count", "tasks"};

[[noreturn]] void refuse(const std::string& why) {
    throw base::Error("argument --config-users: " + why, base::ExitCode::BadUserConfig);
}

std::string text_of_value(const std::string& value) {
    if (!value.ends_with(".json")) return value;
    std::ifstream stream(value);
    if (!stream) refuse(fmt::format("cannot read {}", value));
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

void expect_known_keys(const Json& object) {
    for (const auto& [key, value] : object.items()) {
        if (std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end()) continue;
        const auto near = base::nearest(key, {kKeys.begin(), kKeys.end()});
        refuse(fmt::format("unknown key '{}' in {}{}",
                           key,
                           object.dump(),
                           near ? fmt::format("; did you mean '{}'?", *near) : ""));
    }
}

std::vector<std::string> names_from(const Json& list, const std::string& whole) {
    std::vector<std::string> names;
    for (const Json& name : list) {
        if (!name.is_string()) refuse(fmt::format("'tasks' is a list of names, in {}", whole));
        names.push_back(name);
    }
    return names;
}

UserConfig config_from(const Json& object) {
    const std::string whole = object.dump();
    if (!object.is_object()) refuse(fmt::format("{} is no JSON object", whole));
    expect_known_keys(object);
    UserConfig config;
    const Json& name = object.value("user_class_name", Json());
    if (!name.is_string()) refuse(fmt::format("'user_class_name' is missing in {}", whole));
    config.user_class = name;
    if (const auto host = object.find("host"); host != object.end()) {
        if (!host->is_string()) refuse(fmt::format("'host' is a text, in {}", whole));
        config.host = host->get<std::string>();
        if (const auto url = http::Url::parse(*config.host); !url) refuse(url.error());
    }
    if (const auto weight = object.find("weight"); weight != object.end()) {
        if (!weight->is_number() || weight->get<double>() < 0) {
            refuse(fmt::format("'weight' is a number of 0 or more, in {}", whole));
        }
        config.weight = weight->get<double>();
    }
    if (const auto count = object.find("fixed_count"); count != object.end()) {
        if (!count->is_number_unsigned()) {
            refuse(fmt::format("'fixed_count' is a whole number of 0 or more, in {}", whole));
        }
        config.fixed_count = count->get<std::int64_t>();
    }
    if (const auto tasks = object.find("tasks"); tasks != object.end()) {
        if (!tasks->is_array()) refuse(fmt::format("'tasks' is a list of names, in {}", whole));
        config.tasks = names_from(*tasks, whole);
    }
    return config;
}

}  // namespace

std::vector<UserConfig> parse_user_configs(const std::vector<std::string>& values) {
    std::vector<UserConfig> configs;
    for (const std::string& value : values) {
        const Json json = Json::parse(text_of_value(value), nullptr, false);
        if (json.is_discarded()) refuse(fmt::format("{} is no JSON", value));
        if (json.is_array()) {
            for (const Json& element : json) configs.push_back(config_from(element));
        } else {
            configs.push_back(config_from(json));
        }
    }
    return configs;
}

}  // namespace cicada::cli
