// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cicada::cli {

using std::chrono::nanoseconds;

/// What command line, environment and config files say; the options' own words are in
/// option_table.cpp. To add one: a field here, a row there; all else follows.
struct Settings {
    std::vector<std::string> test_files{};
    std::optional<std::string> config{};      ///< a file of options
    std::optional<std::string> url{};         ///< instead of a test file
    std::vector<std::string> user_classes{};  ///< Class or Class.task; empty: all
    std::optional<std::string> host{};
    std::optional<std::int64_t> users{};
    std::optional<double> spawn_rate{};
    std::optional<nanoseconds> run_time{};
    bool run_time_after_ramp_up = false;
    std::string dry_run{};  ///< "load" or "tasks"; empty: none
    std::optional<std::string> answers_file{};
    nanoseconds answer_latency = std::chrono::milliseconds(100);
    bool list = false;
    bool show_task_ratio = false;
    bool show_task_ratio_json = false;

    std::vector<std::string> tags{};
    std::vector<std::string> exclude_tags{};
    bool equal_weights = false;
    std::vector<std::string> config_users{};  ///< JSON, or paths of JSON files

    bool once = false;
    std::optional<std::string> record_file{};

    bool headless = false;
    bool headful = false;  ///< undoes headless of a weaker source
    bool autostart = false;
    std::int64_t autoquit_seconds = -1;  ///< -1: never
    std::string web_host = "127.0.0.1";
    std::int64_t web_port = 8089;

    std::optional<std::int64_t> processes{};  ///< -1: as many as there are processors; 0: none
    bool pin_processes = false;
    std::string on_crash = "disable";

    bool master = false;
    std::optional<std::string> master_bind_host{};   ///< default: *
    std::optional<std::int64_t> master_bind_port{};  ///< default: 5557
    std::int64_t expect_workers = 1;
    std::int64_t expect_workers_max_wait = 0;  ///< seconds; 0: for ever
    bool enable_rebalancing = false;
    nanoseconds worker_missing_after = std::chrono::seconds(5);

    nanoseconds stop_timeout{};
    nanoseconds drain_timeout = std::chrono::seconds(2);
    nanoseconds on_stop_timeout = std::chrono::seconds(30);
    nanoseconds listener_timeout = std::chrono::seconds(60);

    std::optional<std::string> csv_prefix{};
    bool csv_full_history = false;
    bool print_stats = false;
    bool only_summary = false;
    bool reset_stats = false;
    bool json = false;
    std::optional<std::string> json_file{};
    std::int64_t exit_code_on_error = 1;

    bool worker = false;
    std::string master_host = "127.0.0.1";
    std::int64_t master_port = 5557;
    nanoseconds master_lost_after = std::chrono::seconds(60);
    bool local_limits = false;
    std::optional<std::string> cluster_secret{};  ///< or @ and the file that holds it
    std::optional<std::string> plain_bind{};      ///< a port, or HOST:PORT

    std::vector<std::string> checks{};         ///< thresholds
    std::optional<nanoseconds> check_abort{};  ///< stop for a missed one, this late at the earliest
    std::optional<std::string> junit_file{};
    std::int64_t exit_code_on_suspect = 0;  ///< 0: the verdict does not decide
    std::int64_t exit_code_on_invalid = 0;

    std::string log_level = "INFO";
    std::optional<std::string> log_file{};
    bool skip_log_setup = false;

    nanoseconds dns_ttl = std::chrono::seconds(30);
    std::optional<nanoseconds> connect_timeout{};
    std::optional<nanoseconds> request_timeout{};
    std::optional<std::int64_t> max_header_size{};  ///< bytes
    std::optional<std::int64_t> max_body_size{};    ///< bytes
    std::optional<std::int64_t> max_interim_answers{};
    std::int64_t body_budget = std::int64_t{1} << 30;  ///< bytes
    std::string trace_header{};

    std::optional<std::int64_t> iterations{};  ///< executions in the whole test
    std::optional<std::int64_t> seed{};
    std::string io = "auto";
    std::string guards = "auto";
    std::int64_t stack_size = std::int64_t{256} * 1024;  ///< bytes

    std::string profile{};
    bool help = false;
    bool version = false;
};

/// What `cicada demo-server` is told.
struct DemoSettings {
    std::string host = "127.0.0.1";
    std::int64_t port = 8000;
    std::string trace_header{};
    std::string io = "auto";
    bool help = false;
};

/// Of `cicada cluster-sim`.
struct SimulationSettings {
    std::int64_t workers = 100;
    std::vector<std::string> classes{};
    std::string master_host = "127.0.0.1";
    std::int64_t master_port = 5557;
    std::optional<std::string> cluster_secret{};
    std::int64_t names = 200;
    std::int64_t buckets = 40;
    nanoseconds report_every = std::chrono::seconds(3);
    nanoseconds join_over = std::chrono::seconds(5);
    bool help = false;
};

}  // namespace cicada::cli
