// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cicada/runner.hpp>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "base/error.hpp"
#include "base/log.hpp"
#include "cli/author_commands.hpp"
#include "cli/cluster_sim.hpp"
#include "cli/command_line.hpp"
#include "cli/dry_run.hpp"
#include "cli/goals.hpp"
#include "cli/help.hpp"
#include "cli/master.hpp"
#include "cli/meant.hpp"
#include "cli/once.hpp"
#include "cli/option_table.hpp"
#include "cli/processes.hpp"
#include "cli/run_options.hpp"
#include "cli/selection.hpp"
#include "cli/signals.hpp"
#include "cli/test_arguments.hpp"
#include "cli/url_user.hpp"
#include "cli/user_shares.hpp"
#include "cli/worker.hpp"
#include "demo/demo_server.hpp"
#include "report/output.hpp"
#include "run/local_run.hpp"
#include "scenario/scenario.hpp"
#include "scenario/test_files.hpp"
#include "user/registry.hpp"
#include "user/task_ratio.hpp"
#include "web/server.hpp"

namespace cicada::cli {
namespace {

using base::ExitCode;
using base::LogLevel;

constexpr const char* kUsage =
    "Usage: cicada [options] [UserClass ...] load test with ./cicadafile.cpp, all classes or "
    "these\n"
    "       cicada -f FILE [options]         with another test file\n"
    "       cicada URL [options]             quick test of one URL\n"
    "       cicada new NAME                  write a test to start from\n"
    "       cicada check [FILES]             compile a test, say what is wrong with it\n"
    "       cicada demo-server [options]     a shop to test; see cicada demo-server --help\n"
    "       cicada cluster-sim [options]     workers that run nothing, to measure a master with\n";
constexpr const char* kDemoUsage = "Usage: cicada demo-server [options]\n";

int serve_demo(const std::vector<std::string>& arguments) {
    const DemoSettings settings = parse_demo_command_line(arguments);
    if (settings.help) {
        DemoSettings defaults;
        fmt::print("{}", help_text(kDemoUsage, option_table(defaults)));
        return 0;
    }
    return demo::run_server({.host = settings.host,
                             .port = static_cast<std::uint16_t>(settings.port),
                             .trace_header = settings.trace_header,
                             .io = io_kind(settings.io)});
}

/// `-f -`
bool is_master_s(const std::vector<std::string>& test_files) {
    return test_files == std::vector<std::string>{"-"};
}

bool has_default_test_file() {
    std::error_code error;
    return std::filesystem::exists(scenario::kDefaultTestFile, error);
}

/// Declares the users.
scenario::LoadedTest load_test(const Settings& settings) {
    if (settings.url) {
        declare_url_user(*settings.url);
        scenario::LoadedTest test;
        test.folder = std::filesystem::current_path();
        test.no_parcel = "its test is one URL: start workers with the same URL instead of -f";
        return test;
    }
    if (is_master_s(settings.test_files)) return test_of_master(settings);
    scenario::LoadOptions options;
    options.items = settings.test_files;
    options.for_workers = settings.master;
    return scenario::load(options);
}

int list_users() {
    fmt::print("Available Users:\n");
    for (const auto& declaration : user::registry().declarations()) {
        fmt::print("    {}\n", declaration->name);
    }
    return 0;
}

int show_task_ratios(const Settings& settings) {
    const auto classes = select_users(settings, user::registry());
    const auto ratios = user::task_ratios(classes, users_of_classes(classes, settings.users));
    const bool as_json = settings.show_task_ratio_json;
    fmt::print("{}", as_json ? user::json_of(ratios) : user::table_of(ratios));
    return 0;
}

std::unique_ptr<web::Server> serve_page(const Settings& settings, run::RunControl& run) {
    auto server = std::make_unique<web::Server>(
        run,
        web::ServerOptions{.host = settings.web_host,
                           .port = static_cast<std::uint16_t>(settings.web_port),
                           .users = settings.users,
                           .spawn_rate = settings.spawn_rate,
                           .target_host = settings.host,
                           .run_time = settings.run_time});
    base::log(LogLevel::Info, "Starting web interface at {}", server->url());
    return server;
}

/// Of the loaded test.
std::vector<Option> own_options() {
    Settings unused;
    return options_of_test(user::registry(), option_table(unused));
}

/// The help, with the test's own options if there is a test that can be loaded.
int show_help(const Settings& settings) {
    Settings defaults;
    std::vector<Option> table = option_table(defaults);
    const bool has_test =
        !settings.test_files.empty() || user::registry().has_users() || has_default_test_file();
    if (has_test && !settings.url && !is_master_s(settings.test_files)) {
        try {
            load_test(settings);
            for (Option& option : own_options()) table.push_back(std::move(option));
        } catch (const base::Error& error) {
            base::log(LogLevel::Debug, "the test's own options are not shown: {}", error.what());
        }
    }
    fmt::print("{}", help_text(kUsage, table));
    return 0;
}

/// What --processes makes of this process.
void take_part(Settings& settings, const cluster::ChildProcess* child) {
    if (child != nullptr) {
        become_child(settings, child->place());
    } else if (process_count(settings) > 0) {
        become_parent(settings);
    }
}

/// Loads the test; what it declares may change what the options mean.
scenario::LoadedTest load_test(const Sources& sources,
                               FirstLook& look,
                               const cluster::ChildProcess* child) {
    const scenario::LoadedTest test = [&look] {
        try {
            return load_test(look.settings);
        } catch (const base::Error& error) {
            if (look.doubt) throw base::Error(*look.doubt);
            const std::vector<std::string>& words = look.settings.user_classes;
            const bool found_none = look.settings.test_files.empty() && !has_default_test_file();
            if (words.empty() || !found_none) throw;
            throw base::Error(error.what() + meant_command(words.front()), error.exit_code());
        }
    }();
    const std::vector<Option> of_test = own_options();
    if (look.doubt || !of_test.empty()) look.settings = parse_command_line(sources, of_test);
    take_part(look.settings, child);
    return test;
}

/// Runs the test, or the page and the tests it starts, until the end or a signal.
int run_program(const Settings& settings,
                const std::vector<std::string>& arguments,
                const scenario::LoadedTest& test,
                cluster::ChildProcess* child,
                Signals& signals) {
    const auto classes = select_users(settings, user::registry());
    if (settings.worker) return run_worker(settings, classes, test.folder, child, signals);
    expect_hosts(settings, classes);
    run::LocalRunOptions options = local_run_options(settings, test.folder);
    if (!settings.once) options.machine.goals = goals_of(settings);
    options.on_finished = [&signals] { signals.wake(); };
    std::optional<OncePrinter> printer;
    if (settings.once) {
        printer.emplace(settings.record_file);
        options.engine.wire_observer = &*printer;
    }
    const std::unique_ptr<cluster::MasterRun> master =
        settings.master ? master_run(settings, classes, options, test) : nullptr;
    const std::unique_ptr<run::LocalRun> local =
        settings.master ? nullptr : std::make_unique<run::LocalRun>(classes, options);
    run::WholeRun& run = master != nullptr ? static_cast<run::WholeRun&>(*master) : *local;
    report::Output output(run, output_options(settings));
    std::unique_ptr<web::Server> page;
    if (!is_headless(settings)) {
        page = serve_page(settings, run);
        output.show_page_at(page->url());
    }
    output.start();
    if (!settings.profile.empty()) base::log(LogLevel::Info, "Profile: {}", settings.profile);
    if (!settings.seed) {
        base::log(LogLevel::Info, "Random choices repeat with --seed {}", options.engine.seed);
    }
    if (const auto warning = warning_of_ignored_load(settings)) {
        base::log(LogLevel::Warning, "{}", *warning);
    }
    std::unique_ptr<cluster::LocalWorkers> workers;
    if (process_count(settings) > 0) workers = start_workers(settings, arguments, *master);
    signals.be_graceful();
    if (is_headless(settings) || settings.autostart) {
        if (const auto started = run.begin(first_target(settings, classes.size())); !started) {
            throw base::Error(started.error(), ExitCode::BadArguments);
        }
    }

    signals.wait();
    if (signals.asked_to_end()) {
        base::log(LogLevel::Info, "Got a signal, stopping; another one ends the program at once");
        run.quit();
    }
    run.wait_until_finished();
    if (workers != nullptr) end(*workers);
    page.reset();
    const int exit_code = exit_code_of(run.outcome(), settings);
    base::log(LogLevel::Info, "Shutting down (exit code {})", exit_code);
    output.finish();
    run.end(exit_code);
    if (printer) printer->finish();
    return exit_code;
}

int program(const std::vector<std::string>& arguments) {
    if (!arguments.empty()) {
        const std::string& command = arguments.front();
        const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
        if (command == "demo-server") return serve_demo(rest);
        if (command == "cluster-sim") return simulate_cluster(rest);
        if (command == "new") return write_new_test(rest);
        if (command == "check") return check_test(rest);
    }
    const auto child = cluster::ChildProcess::of_environment();
    const Sources sources{.arguments = arguments};
    FirstLook look = look_at_command_line(sources);
    if (look.settings.help) return show_help(look.settings);
    if (look.settings.version) {
        fmt::print("cicada {} (g++ {})\n", CICADA_VERSION, __VERSION__);
        return 0;
    }
    if (!look.settings.skip_log_setup) base::set_log_level(log_level(look.settings.log_level));
    take_part(look.settings, child.get());
    using Interrupts = Signals::Interrupts;
    Signals signals(child != nullptr ? Interrupts::Ignored : Interrupts::Heard);
    if (look.settings.worker && process_count(look.settings) > 0) {
        return run_workers(look.settings, arguments, signals);
    }
    const scenario::LoadedTest test = load_test(sources, look, child.get());
    if (look.settings.list) return list_users();
    if (look.settings.show_task_ratio || look.settings.show_task_ratio_json) {
        return show_task_ratios(look.settings);
    }
    expect_required_arguments(user::registry());
    if (look.settings.dry_run == "load") return show_dry_run(look.settings);
    if (look.settings.dry_run == "tasks") return dry_run_tasks(look.settings, test.folder, signals);
    return run_program(look.settings, arguments, test, child.get(), signals);
}

}  // namespace
}  // namespace cicada::cli

namespace cicada {

int main(int argc, char** argv) {
    try {
        return cli::program({argv + 1, argv + argc});
    } catch (const base::Error& error) {
        const bool usage = error.exit_code() == base::ExitCode::BadArguments;
        fmt::print(stderr, "{}{}\n", usage ? "cicada: error: " : "", error.what());
        return static_cast<int>(error.exit_code());
    } catch (const std::exception& error) {
        fmt::print(stderr, "cicada: error: {}\n", error.what());
        return static_cast<int>(base::ExitCode::Failed);
    }
}

}  // namespace cicada
