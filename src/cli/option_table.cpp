// SPDX-License-Identifier: Apache-2.0
#include "cli/option_table.hpp"

#include "run/run_machine.hpp"

namespace cicada::cli {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr Range kUsers{0, run::RunMachine::kMostUsers};
constexpr Range kPort{0, 65'535};
constexpr Range kExitCode{0, 255};
constexpr Range kAtLeastOne{1, kMost};  ///< of a time span: one nanosecond

constexpr std::string_view kCommon = "Common options";
constexpr std::string_view kChoice = "Choice of users and tasks";
constexpr std::string_view kDebugging = "Debugging";
constexpr std::string_view kWeb = "Web page";
constexpr std::string_view kWorker = "Worker";
constexpr std::string_view kCluster = "Security of a cluster";
constexpr std::string_view kStopping = "Stopping";
constexpr std::string_view kStatistics = "Statistics";
constexpr std::string_view kPassing = "Thresholds and verdict";
constexpr std::string_view kLogging = "Logging";
constexpr std::string_view kHttp = "HTTP";
constexpr std::string_view kEngine = "Engine";
constexpr std::string_view kOther = "Other";
constexpr std::string_view kProcesses = "Worker processes";
constexpr std::string_view kMaster = "Master";

const std::vector<std::string_view> kLogLevels = {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"};
const std::vector<std::string_view> kOnCrash = {"disable", "stop"};
const std::vector<std::string_view> kIoKinds = {"auto", "uring", "epoll"};
const std::vector<std::string_view> kDryRuns = {"load", "tasks"};
const std::vector<std::string_view> kGuardKinds = {"auto", "madvise", "mprotect", "canary"};

void add(std::vector<Option>& table, std::vector<Option> more) {
    for (Option& option : more) table.push_back(std::move(option));
}

// clang-format off
std::vector<Option> common_options(Settings& s) {
    return {
        {kCommon, 'f', "locustfile", "LOCUSTFILE", &s.test_files, "FILES",
         "Test files (.cpp or .so), folders of them or http:// URLs, with commas between; default: cicadafile.cpp."},
        {kCommon, 0, "config", "CONFIG", &s.config, "FILE",
         "A file of options, read beside cicada.conf and the others."},
        {kCommon, 'H', "host", "HOST", &s.host, "URL",
         "Base URL of the system under test, for all user classes."},
        {kCommon, 'u', "users", "USERS", &s.users, "N",
         "Number of users at the peak; default: 1.", kUsers},
        {kCommon, 'r', "spawn-rate", "SPAWN_RATE", &s.spawn_rate, "RATE",
         "Users started per second; default: 1."},
        {kCommon, 't', "run-time", "RUN_TIME", &s.run_time, "TIME",
         "Stop after this time, e.g. 300s, 20m, 1h30m; default: run on.", kAtLeastOne},
        {kCommon, 0, "run-time-after-ramp-up", "RUN_TIME_AFTER_RAMP_UP", &s.run_time_after_ramp_up, "",
         "Count --run-time, and the time of each stage, from when its last user has started."},
        {kCommon, 0, "iterations", "ITERATIONS", &s.iterations, "N",
         "Stop after so many executions of tasks, exactly, by all users together.", kAtLeastOne},
        {kCommon, 0, "dry-run", "DRY_RUN", FlagOrChoice{&s.dry_run}, "",
         "Show users, arrivals and limits over time, and exit; no task runs. --dry-run=tasks: run the tasks too, in virtual time and without a network.", {}, kDryRuns},
        {kCommon, 0, "answers", "ANSWERS", &s.answers_file, "FILE",
         "With --dry-run=tasks: answers recorded by --once --record FILE, for what on_dry_run() does not answer."},
        {kCommon, 0, "answer-latency", "ANSWER_LATENCY", &s.answer_latency, "TIME",
         "With --dry-run=tasks: latency of answers that say none; default: 100ms."},
        {kCommon, 'l', "list", "LIST", &s.list, "", "Show the user classes and exit."},
    };
}

std::vector<Option> choice_options(Settings& s) {
    return {
        {kChoice, 'T', "tags", "TAGS", WordList{&s.tags}, "TAG...",
         "Run only tasks that have one of these tags."},
        {kChoice, 'E', "exclude-tags", "EXCLUDE_TAGS", WordList{&s.exclude_tags}, "TAG...",
         "Run no task that has one of these tags; wins over --tags."},
        {kChoice, 0, "equal-weights", "EQUAL_WEIGHTS", &s.equal_weights, "",
         "All user classes weigh the same, and so do the tasks of each."},
        {kChoice, 0, "config-users", "CONFIG_USERS", WordList{&s.config_users}, "JSON...",
         "Change user classes: {\"user_class_name\": ..., \"host\", \"weight\", \"fixed_count\", \"tasks\"}, a list of these, or a .json file."},
    };
}

std::vector<Option> debugging_options(Settings& s) {
    return {
        {kDebugging, 0, "once", "ONCE", &s.once, "",
         "One user of each class runs each task once; every request and answer is printed."},
        {kDebugging, 0, "record", "RECORD", &s.record_file, "FILE",
         "With --once: write them to FILE as well, a line of JSON for each."},
        {kDebugging, 0, "show-task-ratio", "SHOW_TASK_RATIO", &s.show_task_ratio, "",
         "Show how often each task will be picked, and exit."},
        {kDebugging, 0, "show-task-ratio-json", "SHOW_TASK_RATIO_JSON", &s.show_task_ratio_json, "",
         "The same as JSON."},
    };
}

std::vector<Option> web_options(Settings& s) {
    return {
        {kWeb, 0, "web-host", "WEB_HOST", &s.web_host, "ADDRESS",
         "Address to bind the page to, * for all; default: 127.0.0.1."},
        {kWeb, 'P', "web-port", "WEB_PORT", &s.web_port, "PORT", "Its port; default: 8089.", kPort},
        {kWeb, 0, "headless", "HEADLESS", &s.headless, "", "No page: start at once, end with the test."},
        {kWeb, 0, "headful", "HEADFUL", &s.headful, "", "With the page after all.", {}, {},
         Standing::Hidden},
        {kWeb, 0, "autostart", "AUTOSTART", &s.autostart, "", "Start at once, and keep the page."},
        {kWeb, 0, "autoquit", "AUTOQUIT", &s.autoquit_seconds, "SECONDS",
         "Exit so long after the test, with --autostart; default: -1, never.", {-1, kMost}},
    };
}

std::vector<Option> process_options(Settings& s) {
    return {
        {kProcesses, 0, "processes", "PROCESSES", &s.processes, "N",
         "Run the users in so many worker processes of this program; -1: one per processor; 0: here.", {-1, 1'024}},
        {kProcesses, 0, "pin-processes", "PIN_PROCESSES", &s.pin_processes, "",
         "Each of them on one processor of its own."},
        {kProcesses, 0, "on-crash", "ON_CRASH", &s.on_crash, "WHAT",
         "When a task has crashed two of them: disable the task, or stop the run with exit code 4; default: disable.",
         {}, kOnCrash},
    };
}

std::vector<Option> master_options(Settings& s) {
    return {
        {kMaster, 0, "master", "MODE_MASTER", &s.master, "",
         "Run the test on workers, Cicada's or Locust's, that connect to this program."},
        {kMaster, 0, "master-bind-host", "MASTER_BIND_HOST", &s.master_bind_host, "ADDRESS",
         "Address to wait for workers at; default: *, all."},
        {kMaster, 0, "master-bind-port", "MASTER_BIND_PORT", &s.master_bind_port, "PORT",
         "Its port, 0 for any free one; default: 5557.", kPort},
        {kMaster, 0, "expect-workers", "EXPECT_WORKERS", &s.expect_workers, "N",
         "Start by itself when so many workers have loaded the test; default: 1.", kAtLeastOne},
        {kMaster, 0, "expect-workers-max-wait", "EXPECT_WORKERS_MAX_WAIT", &s.expect_workers_max_wait,
         "SECONDS", "Give up when they have not come by then; default: 0, wait for ever.", {0, 1'000'000'000}},
        {kMaster, 0, "enable-rebalancing", "ENABLE_REBALANCING", &s.enable_rebalancing, "",
         "Move users when workers come or go also after the ramp-up, at the spawn rate."},
        {kMaster, 0, "worker-missing-after", "WORKER_MISSING_AFTER", &s.worker_missing_after, "TIME",
         "A worker that was silent so long is missing; default: 5s.", kAtLeastOne},
    };
}

std::vector<Option> worker_options(Settings& s) {
    return {
        {kWorker, 0, "worker", "MODE_WORKER", &s.worker, "",
         "Run users for a master elsewhere, Cicada's or Locust's; it says how many."},
        {kWorker, 0, "master-host", "MASTER_NODE_HOST", &s.master_host, "HOST",
         "Where the master is; default: 127.0.0.1."},
        {kWorker, 0, "master-port", "MASTER_NODE_PORT", &s.master_port, "PORT",
         "Its port; default: 5557.", {1, 65'535}},
        {kWorker, 0, "master-lost-after", "MASTER_LOST_AFTER", &s.master_lost_after, "TIME",
         "Go on so long without a word of the master, users and all, then end; default: 60s.", kAtLeastOne},
        {kWorker, 0, "local-limits", "LOCAL_LIMITS", &s.local_limits, "",
         "Under a Locust master: each worker has all of the test's limits, unique rows and arrivals."},
    };
}

std::vector<Option> stopping_options(Settings& s) {
    return {
        {kStopping, 's', "stop-timeout", "STOP_TIMEOUT", &s.stop_timeout, "TIME",
         "Time for users to finish their task when the test stops; default: 0."},
        {kStopping, 0, "drain-timeout", "DRAIN_TIMEOUT", &s.drain_timeout, "TIME",
         "Time for requests on the wire to finish after that; default: 2s."},
        {kStopping, 0, "on-stop-timeout", "ON_STOP_TIMEOUT", &s.on_stop_timeout, "TIME",
         "Time for on_stop of each user; default: 30s.", kAtLeastOne},
        {kStopping, 0, "listener-timeout", "LISTENER_TIMEOUT", &s.listener_timeout, "TIME",
         "Time for listeners of init, test_start and the like to return; default: 60s.", kAtLeastOne},
        {kStopping, 0, "exit-code-on-error", "EXIT_CODE_ON_ERROR", &s.exit_code_on_error, "CODE",
         "Exit code when a request or a task failed; default: 1.", kExitCode},
    };
}

std::vector<Option> statistics_options(Settings& s) {
    return {
        {kStatistics, 0, "csv", "CSV", &s.csv_prefix, "PREFIX",
         "Write PREFIX_stats.csv, _stats_history.csv, _failures.csv and _exceptions.csv."},
        {kStatistics, 0, "csv-full-history", "CSV_FULL_HISTORY", &s.csv_full_history, "",
         "A row for each name and second in PREFIX_stats_history.csv, not only for the total."},
        {kStatistics, 0, "print-stats", "PRINT_STATS", &s.print_stats, "",
         "Show the table while the test runs, also with the page."},
        {kStatistics, 0, "only-summary", "ONLY_SUMMARY", &s.only_summary, "",
         "Show no table while the test runs."},
        {kStatistics, 0, "reset-stats", "RESET_STATS", &s.reset_stats, "",
         "Zero the statistics when all users have been started."},
        {kStatistics, 0, "json", "JSON", &s.json, "", "Print the final statistics as JSON to stdout."},
        {kStatistics, 0, "json-file", "JSON_FILE", &s.json_file, "NAME",
         "Write them to NAME.json, instead of the final tables."},
    };
}

std::vector<Option> passing_options(Settings& s) {
    return {
        {kPassing, 0, "check", "CHECK", &s.checks, "THRESHOLD",
         "What the run has to reach, e.g. \"p95 < 200ms\"; may be given several times. Exit code 3 if missed."},
        {kPassing, 0, "check-abort", "CHECK_ABORT", &s.check_abort, "TIME",
         "Stop the test when a --check is missed, so long after its start at the earliest."},
        {kPassing, 0, "junit", "JUNIT", &s.junit_file, "FILE",
         "Write the thresholds' results as JUnit XML."},
        {kPassing, 0, "exit-code-on-invalid", "EXIT_CODE_ON_INVALID", &s.exit_code_on_invalid, "CODE",
         "Exit code when the run's verdict is INVALID; default: 0, it does not decide.", kExitCode},
        {kPassing, 0, "exit-code-on-suspect", "EXIT_CODE_ON_SUSPECT", &s.exit_code_on_suspect, "CODE",
         "The same for SUSPECT or worse, of a run that passed otherwise.", kExitCode},
    };
}

std::vector<Option> logging_options(Settings& s) {
    return {
        {kLogging, 'L', "loglevel", "LOGLEVEL", &s.log_level, "LEVEL",
         "DEBUG, INFO, WARNING, ERROR or CRITICAL; default: INFO.", {}, kLogLevels},
        {kLogging, 0, "logfile", "LOGFILE", &s.log_file, "FILE",
         "Write log lines to FILE; tables stay on the terminal."},
        {kLogging, 0, "skip-log-setup", "SKIP_LOG_SETUP", &s.skip_log_setup, "",
         "Ignore --loglevel and --logfile."},
    };
}

std::vector<Option> http_options(Settings& s) {
    return {
        {kHttp, 0, "connect-timeout", "CONNECT_TIMEOUT", &s.connect_timeout, "TIME",
         "For a new connection; default: 60s.", kAtLeastOne},
        {kHttp, 0, "request-timeout", "REQUEST_TIMEOUT", &s.request_timeout, "TIME",
         "For a request with its redirects; default: 60s.", kAtLeastOne},
        {kHttp, 0, "dns-ttl", "DNS_TTL", &s.dns_ttl, "TIME",
         "How long an address found for a name is used; default: 30s."},
        {kHttp, 0, "max-header-size", "MAX_HEADER_SIZE", ByteSize{.optional_bytes = &s.max_header_size},
         "BYTES", "Of one response; default: 64k.", {256, 1 << 30}},
        {kHttp, 0, "max-body-size", "MAX_BODY_SIZE", ByteSize{.optional_bytes = &s.max_body_size},
         "BYTES", "Of one response that is kept; default: 64m.", {0, std::int64_t{1} << 40}},
        {kHttp, 0, "max-interim-answers", "MAX_INTERIM_ANSWERS", &s.max_interim_answers, "N",
         "1xx answers before the real one; default: 16.", {0, 10'000}},
        {kHttp, 0, "body-budget", "BODY_BUDGET", ByteSize{.bytes = &s.body_budget}, "BYTES",
         "Of all responses that are kept at one time; default: 1g.", {1 << 16, std::int64_t{1} << 40}},
        {kHttp, 0, "trace-header", "TRACE_HEADER", &s.trace_header, "NAME",
         "Send run.user.iteration.sequence in this header with each request."},
    };
}

std::vector<Option> engine_options(Settings& s) {
    return {
        {kEngine, 0, "seed", "SEED", &s.seed, "N",
         "All random choices derive from it; default: a different one each time.", {0, kMost}},
        {kEngine, 0, "io", "IO", &s.io, "KIND", "auto, uring or epoll; default: auto.", {}, kIoKinds},
        {kEngine, 0, "stack-size", "STACK_SIZE", ByteSize{.bytes = &s.stack_size}, "BYTES",
         "Of each user; only what is used takes memory; default: 256k.", {16 << 10, 1 << 30}},
        {kEngine, 0, "guards", "GUARDS", &s.guards, "KIND",
         "What lies below each stack: auto, madvise, mprotect or canary; default: auto.", {}, kGuardKinds},
    };
}

std::vector<Option> other_options(Settings& s) {
    return {
        {kOther, 0, "profile", "PROFILE", &s.profile, "TEXT",
         "A label of this run, for the log and the JSON."},
        {kOther, 'h', "help", "", &s.help, "", "Show this help and exit."},
        {kOther, 'V', "version", "", &s.version, "", "Show the version and exit."},
    };
}
// clang-format on

// clang-format off
std::vector<Option> cluster_options(Settings& s) {
    return {
        {kCluster, 0, "cluster-secret", "CLUSTER_SECRET", &s.cluster_secret, "@FILE",
         "Encrypt, and admit only nodes with the same secret, the first line of FILE. In the environment and in config files also the secret itself."},
        {kCluster, 0, "plain-bind", "PLAIN_BIND", &s.plain_bind, "[HOST:]PORT",
         "Of a master with a secret: another port, for Locust's own workers. Anybody can join there."},
    };
}
// clang-format on

}  // namespace

std::vector<Option> option_table(Settings& settings) {
    std::vector<Option> table;
    add(table, common_options(settings));
    add(table, choice_options(settings));
    add(table, debugging_options(settings));
    add(table, web_options(settings));
    add(table, process_options(settings));
    add(table, master_options(settings));
    add(table, worker_options(settings));
    add(table, cluster_options(settings));
    add(table, stopping_options(settings));
    add(table, statistics_options(settings));
    add(table, passing_options(settings));
    add(table, logging_options(settings));
    add(table, http_options(settings));
    add(table, engine_options(settings));
    add(table, other_options(settings));
    return table;
}

std::vector<Option> option_table(DemoSettings& settings) {
    // clang-format off
    return {
        {"Options", 0, "host", "", &settings.host, "ADDRESS", "Address to bind to; default: 127.0.0.1."},
        {"Options", 'p', "port", "", &settings.port, "PORT",
         "Its port, 0 for any free one; default: 8000.", kPort},
        {"Options", 0, "trace-header", "", &settings.trace_header, "NAME",
         "Collect the values of this header for /seen."},
        {"Options", 0, "io", "", &settings.io, "KIND", "auto, uring or epoll; default: auto.", {}, kIoKinds},
        {"Options", 'h', "help", "", &settings.help, "", "Show this help and exit."},
    };
    // clang-format on
}

std::vector<Option> option_table(SimulationSettings& settings) {
    // clang-format off
    return {
        {"Options", 'w', "workers", "", &settings.workers, "COUNT", "So many workers; default: 100.", {1, 100'000}},
        {"Options", 0, "classes", "", WordList{&settings.classes}, "CLASS",
         "User classes of the master's test, in its order."},
        {"Options", 0, "master-host", "", &settings.master_host, "HOST", "Where the master is; default: 127.0.0.1."},
        {"Options", 0, "master-port", "", &settings.master_port, "PORT", "Its port; default: 5557.", kPort},
        {"Options", 0, "cluster-secret", "", &settings.cluster_secret, "@FILE",
         "The cluster's secret, if the master has one."},
        {"Options", 0, "names", "", &settings.names, "COUNT", "Entries in each report; default: 200.", {0, 10'000}},
        {"Options", 0, "buckets", "", &settings.buckets, "COUNT",
         "Different response times of each; default: 40.", {1, 400}},
        {"Options", 0, "report-every", "", &settings.report_every, "TIME",
         "Between the reports of a worker; default: 3s.", kAtLeastOne},
        {"Options", 0, "join-over", "", &settings.join_over, "TIME", "All workers come within; default: 5s."},
        {"Options", 'h', "help", "", &settings.help, "", "Show this help and exit."},
    };
    // clang-format on
}

}  // namespace cicada::cli
