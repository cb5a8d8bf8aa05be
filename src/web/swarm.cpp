// SPDX-License-Identifier: Apache-2.0
#include "web/swarm.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/time_span.hpp"

namespace cicada::web {
namespace {

using nlohmann::json;

template <class Number>
std::optional<Number> number_of(const std::string& text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::string answer(bool success, const std::string& message, const run::Target& target) {
    json content = {{"success", success}, {"message", message}, {"host", nullptr}};
    if (target.host) content["host"] = *target.host;
    if (success && target.run_time) {
        content["run_time"] =
            std::chrono::duration_cast<std::chrono::seconds>(*target.run_time).count();
    }
    return content.dump(2, ' ', false, json::error_handler_t::replace);
}

/// As Locust does, so that no page shows it as markup.
std::string without_angle_brackets(std::string text) {
    std::erase_if(text, [](char character) { return character == '<' || character == '>'; });
    return text;
}

}  // namespace

std::string swarm(run::RunControl& run, const ServerOptions& options, const FormField& field) {
    run::Target target;
    target.host = options.target_host;
    if (const auto host = field("host"); host && !host->empty()) {
        target.host = without_angle_brackets(*host);
    }
    if (const auto run_time = field("run_time")) {
        if (!run_time->empty()) {
            target.run_time = base::parse_time_span(*run_time);
            if (!target.run_time) {
                const auto forms =
                    fmt::format("Valid run_time formats are : {}", base::kTimeSpanForms);
                return answer(false, forms, target);
            }
        }
    } else {
        target.run_time = options.run_time;
    }
    const auto users = field("user_count");
    const auto spawn_rate = field("spawn_rate");
    if (!users || !spawn_rate || users->empty() || spawn_rate->empty() ||
        number_of<double>(*spawn_rate) == 0.0) {
        return answer(false, "Missing user_count or spawn_rate from /swarm request", target);
    }
    const auto count = number_of<std::int64_t>(*users);
    const auto rate = number_of<double>(*spawn_rate);
    if (!count) return answer(false, fmt::format("user_count is no number: {}", *users), target);
    if (!rate)
        return answer(false, fmt::format("spawn_rate is no number: {}", *spawn_rate), target);
    target.users = *count;
    target.spawn_rate = *rate;
    if (const auto started = run.start(target); !started) {
        return answer(false, started.error(), target);
    }
    return answer(true, "Swarming started", target);
}

}  // namespace cicada::web
