// SPDX-License-Identifier: Apache-2.0
#include "cli/master.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>
#include <variant>

#include "base/log.hpp"
#include "base/time_span.hpp"
#include "cli/cluster_secret.hpp"
#include "cluster/master_run.hpp"
#include "run/test_classes.hpp"

namespace cicada::cli {
namespace {

using Json = nlohmann::json;

double seconds(nanoseconds time) {
    return std::chrono::duration<double>(time).count();
}

std::uint64_t new_reign() {
    std::random_device entropy;
    constexpr std::uint64_t kRoomToCount = std::uint64_t{1}
                                           << 62U;  // tests and epochs go on from it
    const std::uint64_t drawn = (std::uint64_t{entropy()} << 32U) | entropy();
    return std::max<std::uint64_t>(drawn % kRoomToCount, 1);
}

Json value_of(const user::ArgumentSlot& argument) {
    return std::visit(
        [](const auto& value) {
            if constexpr (std::is_same_v<std::decay_t<decltype(value)>, nanoseconds>) {
                return Json(seconds(value));
            } else {
                return Json(value);
            }
        },
        argument.value);
}

/// As assign() reads it.
std::string text_of(const user::ArgumentSlot& argument) {
    if (const auto* const text = std::get_if<std::string>(&argument.value)) return *text;
    if (const auto* const time = std::get_if<nanoseconds>(&argument.value)) {
        return base::format_time_span(*time);
    }
    return value_of(argument).dump();
}

}  // namespace

std::vector<std::pair<std::string, std::string>> worker_settings(const Settings& settings,
                                                                 const user::Registry& registry) {
    std::vector<std::pair<std::string, std::string>> pairs = {
        {"stop-timeout", fmt::format("{}", seconds(settings.stop_timeout))},
        {"drain-timeout", fmt::format("{}", seconds(settings.drain_timeout))}};
    if (!settings.tags.empty()) pairs.emplace_back("tags", Json(settings.tags).dump());
    if (!settings.exclude_tags.empty()) {
        pairs.emplace_back("exclude-tags", Json(settings.exclude_tags).dump());
    }
    for (const auto& argument : registry.arguments()) {
        if (argument->given) pairs.emplace_back(argument->flag.substr(2), text_of(*argument));
    }
    return pairs;
}

std::string parsed_options(const Settings& settings, const user::Registry& registry) {
    Json options = {{"expect_workers", settings.expect_workers}};
    if (!settings.tags.empty()) options["tags"] = settings.tags;
    if (!settings.exclude_tags.empty()) options["exclude_tags"] = settings.exclude_tags;
    for (const auto& argument : registry.arguments()) {
        std::string name = argument->flag.substr(2);
        std::replace(name.begin(), name.end(), '-', '_');
        options[name] = value_of(*argument);
    }
    return options.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::unique_ptr<cluster::MasterRun> master_run(const Settings& settings,
                                               const std::vector<const user::Declaration*>& classes,
                                               const run::LocalRunOptions& local,
                                               const scenario::LoadedTest& test) {
    cluster::MasterRunOptions options;
    options.scheduler = local.scheduler;
    options.engine = local.engine;
    options.load_plan = local.load_plan;
    options.on_finished = local.on_finished;
    options.master.machine = local.machine;
    options.master.reign = new_reign();
    options.master.seed = local.engine.seed;
    options.master.iterations = settings.iterations;
    const run::TestClasses sorted = run::test_classes(classes);
    options.master.lease.arrivals = cluster::arrivals_of(sorted, local.engine.seed);
    options.master.rebalance = settings.enable_rebalancing;
    options.master.missing_after = settings.worker_missing_after;
    options.master.stop_timeout = settings.stop_timeout;
    options.master.locust = {.stop_timeout_s = seconds(settings.stop_timeout),
                             .parsed_options_json = parsed_options(settings, user::registry())};
    options.master.worker_settings = worker_settings(settings, user::registry());
    options.router = {.host = settings.master_bind_host.value_or("*"),
                      .port = static_cast<std::uint16_t>(settings.master_bind_port.value_or(5557))};
    options.router.keys = cluster_keys(settings.cluster_secret);
    options.router.plain = plain_bind(settings);
    const std::string warning = warning_of_ports(options.router);
    options.test = std::make_shared<const cluster::TestStore>(
        test.parcel ? cluster::TestStore(*test.parcel)
                    : cluster::TestStore::refusing(test.no_parcel.empty() ? "it has none to give"
                                                                          : test.no_parcel));
    options.expected.count = settings.expect_workers;
    if (settings.expect_workers_max_wait > 0) {
        options.expected.max_wait = std::chrono::seconds(settings.expect_workers_max_wait);
    }
    auto run = std::make_unique<cluster::MasterRun>(sorted, std::move(options));
    if (!warning.empty()) base::log(base::LogLevel::Warning, "{}", warning);
    return run;
}

}  // namespace cicada::cli
