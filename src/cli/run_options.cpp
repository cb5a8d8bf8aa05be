// SPDX-License-Identifier: Apache-2.0
#include "cli/run_options.hpp"

#include <fmt/format.h>

#include <map>
#include <random>

#include "base/error.hpp"
#include "user/load_plan.hpp"
#include "user/registry.hpp"

namespace cicada::cli {
namespace {

fiber::GuardKind guard_kind(const std::string& word) {
    static const std::map<std::string, fiber::GuardKind> kKinds = {
        {"auto", fiber::GuardKind::Auto},
        {"madvise", fiber::GuardKind::Madvise},
        {"mprotect", fiber::GuardKind::Mprotect},
        {"canary", fiber::GuardKind::Canary}};
    return kKinds.at(word);
}

std::uint64_t fresh_seed() {
    std::random_device entropy;
    return entropy();
}

ClientOptions client_options(const Settings& settings) {
    ClientOptions options;
    if (settings.connect_timeout) options.connect_timeout = *settings.connect_timeout;
    if (settings.request_timeout) options.timeout = *settings.request_timeout;
    options.max_header_bytes = settings.max_header_size;
    options.max_response_bytes = settings.max_body_size;
    if (settings.max_interim_answers) {
        options.max_interim_answers = static_cast<int>(*settings.max_interim_answers);
    }
    return options;
}

}  // namespace

fiber::IoKind io_kind(const std::string& word) {
    static const std::map<std::string, fiber::IoKind> kKinds = {{"auto", fiber::IoKind::Auto},
                                                                {"uring", fiber::IoKind::Uring},
                                                                {"epoll", fiber::IoKind::Epoll}};
    return kKinds.at(word);
}

base::LogLevel log_level(const std::string& word) {
    static const std::map<std::string, base::LogLevel> kLevels = {
        {"DEBUG", base::LogLevel::Debug},
        {"INFO", base::LogLevel::Info},
        {"WARNING", base::LogLevel::Warning},
        {"ERROR", base::LogLevel::Error},
        {"CRITICAL", base::LogLevel::Critical}};
    return kLevels.at(word);
}

bool is_headless(const Settings& settings) {
    return settings.headless || settings.once || (settings.url && !settings.autostart);
}

run::LocalRunOptions local_run_options(const Settings& settings,
                                       const std::filesystem::path& test_folder) {
    run::LocalRunOptions options;
    options.scheduler.io = io_kind(settings.io);
    options.scheduler.guards = guard_kind(settings.guards);
    options.scheduler.stack_size = static_cast<std::size_t>(settings.stack_size);
    options.engine.stop = {.stop_timeout = settings.stop_timeout,
                           .drain_timeout = settings.drain_timeout};
    options.engine.on_stop_limit = settings.on_stop_timeout;
    options.engine.listener_limit = settings.listener_timeout;
    options.engine.iterations = settings.iterations;
    options.engine.seed = settings.seed ? static_cast<std::uint64_t>(*settings.seed) : fresh_seed();
    options.engine.test_folder = test_folder;
    options.engine.trace_header = settings.trace_header;
    options.engine.client = client_options(settings);
    options.engine.resolver.ttl = settings.dns_ttl;
    options.engine.body_budget_bytes = static_cast<std::uint64_t>(settings.body_budget);
    options.machine.profile = settings.profile;
    options.machine.reset_when_spawned = settings.reset_stats;
    options.machine.time_after_ramp_up = settings.run_time_after_ramp_up;
    options.engine.each_task_once = settings.once;
    if (!settings.once) options.load_plan = user::registry().load_plan();
    options.engine.common_options = {
        .users = settings.users.value_or(CommonOptions{}.users),
        .spawn_rate = settings.spawn_rate.value_or(CommonOptions{}.spawn_rate),
        .run_time = settings.run_time ? Duration(*settings.run_time) : kForever};
    if (is_headless(settings)) {
        options.machine.quit_after_test = std::chrono::nanoseconds::zero();
    } else if (settings.autoquit_seconds >= 0) {
        options.machine.quit_after_test = std::chrono::seconds(settings.autoquit_seconds);
    }
    return options;
}

report::OutputOptions output_options(const Settings& settings) {
    report::OutputOptions options;
    options.tables = is_headless(settings) || settings.print_stats;
    options.only_summary = settings.only_summary || settings.once;
    options.csv_prefix = settings.csv_prefix;
    options.csv_full_history = settings.csv_full_history;
    options.json = settings.json;
    options.json_file = settings.json_file;
    options.junit_file = settings.junit_file;
    if (!settings.skip_log_setup) options.log_file = settings.log_file;
    return options;
}

run::Target first_target(const Settings& settings, std::size_t classes) {
    run::Target target;
    target.users = settings.users.value_or(1);
    if (settings.once) target.users = static_cast<std::int64_t>(classes);
    // The quick test of one URL has no ramp unless asked for one.
    const bool at_once = settings.url.has_value() || settings.once;
    const double rate = at_once ? std::max(1.0, static_cast<double>(target.users)) : 1.0;
    target.spawn_rate = settings.spawn_rate.value_or(rate);
    target.host = settings.host;
    target.run_time = settings.run_time;
    return target;
}

run::DryRunOptions dry_run_options(const Settings& settings, std::size_t classes) {
    const run::LocalRunOptions options = local_run_options(settings, {});
    return {.target = first_target(settings, classes),
            .machine = options.machine,
            .load_plan = options.load_plan,
            .common_options = options.engine.common_options,
            .seed = options.engine.seed,
            .iterations = options.engine.iterations};
}

void expect_hosts(const Settings& settings, const std::vector<const user::Declaration*>& classes) {
    if (settings.host && !settings.host->empty()) {
        const auto complaint = run::complaint_about_host(*settings.host);
        if (complaint) throw base::Error(*complaint, base::ExitCode::BadArguments);
        return;
    }
    std::string complaints;
    for (const user::Declaration* const declaration : classes) {
        if (declaration->host.empty()) continue;
        const auto complaint = run::complaint_about_host(declaration->host);
        if (!complaint) continue;
        complaints += fmt::format(
            "{}user class {}: {}", complaints.empty() ? "" : "\n", declaration->name, *complaint);
    }
    if (!complaints.empty()) throw base::Error(complaints);
}

std::optional<std::string> warning_of_ignored_load(const Settings& settings) {
    const user::LoadPlan* const plan = user::registry().load_plan();
    if (plan == nullptr || plan->use_common_options) return std::nullopt;
    if (!settings.users && !settings.spawn_rate) return std::nullopt;
    return fmt::format("the test follows its {}: -u and -r change nothing", plan->name);
}

int exit_code_of(const run::Outcome& outcome, const Settings& settings) {
    const bool invalid = outcome.grade == stats::Grade::Invalid;
    const bool suspect = outcome.grade != stats::Grade::Valid;
    const auto code = [](base::ExitCode value) { return static_cast<int>(value); };
    if (outcome.exit_code) return *outcome.exit_code;
    if (!outcome.given_up.empty()) return code(base::ExitCode::Failed);
    if (invalid && settings.exit_code_on_invalid != 0) {
        return static_cast<int>(settings.exit_code_on_invalid);
    }
    if (outcome.thresholds_missed > 0) return code(base::ExitCode::ThresholdFailed);
    if (outcome.thresholds == 0 && outcome.failures && settings.exit_code_on_error != 0) {
        return static_cast<int>(settings.exit_code_on_error);
    }
    if (outcome.listener_threw && (outcome.thresholds > 0 || !outcome.failures)) {
        return code(base::ExitCode::BadArguments);
    }
    if (suspect) return static_cast<int>(settings.exit_code_on_suspect);
    return code(base::ExitCode::Passed);
}

}  // namespace cicada::cli
