// SPDX-License-Identifier: Apache-2.0
#include "cluster/locust_master.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/log.hpp"

namespace cicada::cluster {
namespace {

using base::LogLevel;
using Json = nlohmann::json;
using Settings = std::vector<std::pair<std::string, std::string>>;

/// Options as a Locust master sends them, by the names we have for them: "my_arg" is "my-arg".
Settings settings_in(const std::string& parsed_options_json) {
    Settings settings;
    const Json options = Json::parse(parsed_options_json, nullptr, false);
    if (!options.is_object()) return settings;
    for (const auto& [key, value] : options.items()) {
        if (value.is_null()) continue;
        std::string name = key;
        std::replace(name.begin(), name.end(), '_', '-');
        settings.emplace_back(std::move(name),
                              value.is_string() ? value.get<std::string>() : value.dump());
    }
    return settings;
}

std::int64_t whole_number_of(const Settings& settings, std::string_view name, std::int64_t other) {
    for (const auto& [option, text] : settings) {
        if (option != name) continue;
        const Json number = Json::parse(text, nullptr, false);
        if (number.is_number_integer()) return number.get<std::int64_t>();
    }
    return other;
}

std::int64_t sum_of(const ClassCounts& counts) {
    std::int64_t sum = 0;
    for (const auto& [name, count] : counts) sum += count;
    return sum;
}

void add_to(std::vector<stats::ExceptionCount>& known, stats::ExceptionCount&& more) {
    for (stats::ExceptionCount& one : known) {
        if (one.type != more.type || one.text != more.text || one.where != more.where) continue;
        one.count += more.count;
        return;
    }
    known.push_back(std::move(more));
}

std::vector<std::string> planned_classes(const WorkerOptions& options) {
    const auto count = static_cast<std::ptrdiff_t>(options.planned_classes);
    return {options.classes.begin(), options.classes.begin() + count};
}

}  // namespace

LocustMaster::LocustMaster(WorkerContext& context, const from_master::Ack& ack, const Moment& now)
    : context_(context),
      worker_index_(ack.index.value_or(0)),
      users_(planned_classes(context.options)),
      tests_(context.status.tests_begun),
      steps_(context.status.steps_done),
      epoch_(context.status.statistics_epoch),
      since_(now.wall),
      totals_(now.wall),
      next_log_(now.steady) {
    base::log(LogLevel::Info, "Worker {} of a Locust master", worker_index_);
    send_statistics(now);
    refuse_shared_things();
}

void LocustMaster::refuse_shared_things() {
    const WorkerOptions& options = context_.options;
    if (options.shared_things.empty() || options.local_limits) return;
    refusal_ = fmt::format(
        "only a Cicada master can share out among its workers what this test has: {}; with "
        "--local-limits each worker has all of it",
        fmt::join(options.shared_things, ", "));
    context_.link.send(from_worker::ExceptionRaised{*refusal_, "the worker ends"});
}

void LocustMaster::on_message(const FromMaster& message, const Moment& now) {
    std::visit(
        [this, &now](const auto& one) {
            using Message = std::decay_t<decltype(one)>;
            if constexpr (std::is_same_v<Message, from_master::Ack>) {
                worker_index_ = one.index.value_or(worker_index_);
            } else if constexpr (std::is_same_v<Message, from_master::Spawn>) {
                on_spawn(one, now);
            } else if constexpr (std::is_same_v<Message, from_master::SpawningComplete>) {
                on_spawning_complete(one);
            } else if constexpr (std::is_same_v<Message, from_master::Stop>) {
                on_stop(now);
            } else if constexpr (std::is_same_v<Message, from_master::Quit>) {
                base::log(LogLevel::Info, "Got quit message from master, shutting down...");
                leave(now);
            } else if constexpr (std::is_same_v<Message, from_master::Reconnect>) {
                base::log(LogLevel::Warning,
                          "The master did not understand a message, resetting the connection");
                context_.link.reopen();
            } else if constexpr (std::is_same_v<Message, from_master::UpdateUserClass>) {
                note_update(one.json);
            } else if constexpr (std::is_same_v<Message, from_master::Custom>) {
                context_.engine.deliver({one.type, one.json, run::kMasterId});
            }
        },
        message);
}

void LocustMaster::on_spawn(const from_master::Spawn& spawn, const Moment& now) {
    if (leaving_ || refusal_) return;
    context_.link.send(from_worker::Spawning{});
    if (spawn.timestamp <= last_timestamp_) {
        base::log(LogLevel::Info,
                  "Discard spawn message with older or equal timestamp than timestamp of previous "
                  "spawn message");
        return;
    }
    last_timestamp_ = spawn.timestamp;
    for (const std::string& name : users_.unknown(spawn.user_classes_count)) {
        if (!unknown_classes_.insert(name).second) continue;
        base::log(LogLevel::Error,
                  "the master wants users of {}, which this test does not have; it has {}",
                  name,
                  fmt::join(context_.options.classes, ", "));
    }
    wanted_ = spawn;
    target_ = sum_of(spawn.user_classes_count);
    if (stopping_) return;  // then it begins when that is done
    if (test_is_on_) {
        state_ = run::State::Spawning;
    } else {
        begin_test(now);
    }
    go_on();
}

// What the page changes of a user class counts from the next test on.
void LocustMaster::note_update(const std::string& json) {
    const Json update = Json::parse(json, nullptr, false);
    const auto name = update.is_object() ? update.find("user_class_name") : update.end();
    if (name == update.end() || !name->is_string()) {
        base::log(LogLevel::Warning, "an update of a user class does not name it: {}", json);
        return;
    }
    Json kept = Json::parse(updates_[*name], nullptr, false);
    if (!kept.is_object()) kept = Json::object();
    for (const char* const key : {"user_class_name", "host", "weight", "fixed_count", "tasks"}) {
        const auto value = update.find(key);
        if (value != update.end() && !value->is_null()) kept[key] = *value;
    }
    updates_[*name] = kept.dump();
}

void LocustMaster::begin_test(const Moment& now) {
    Settings settings = settings_in(wanted_->parsed_options_json);
    std::erase_if(settings, [](const auto& setting) { return setting.first == "config-users"; });
    for (const auto& [name, json] : updates_) settings.emplace_back("config-users", json);
    test_is_on_ = true;
    tests_ += 1;
    epoch_ += 1;
    begun_ = now;
    delta_ = {};
    exceptions_.clear();
    totals_ = stats::Totals(now.wall);
    since_ = now.wall;
    users_.begin(worker_index_);
    state_ = run::State::Spawning;
    const double stop_timeout_ns = std::clamp(wanted_->stop_timeout_s, 0.0, 1e9) * 1e9;
    context_.engine.begin_test(
        {.statistics_epoch = epoch_,
         .host = wanted_->host.value_or(""),
         .stop_timeout = std::chrono::nanoseconds(static_cast<std::int64_t>(stop_timeout_ns)),
         .settings = settings,
         .worker_index = static_cast<int>(worker_index_),
         .worker_count = static_cast<int>(std::max<std::int64_t>(
             whole_number_of(settings, "expect-workers", 1), worker_index_ + 1))});
}

// What is wanted can be asked of the engine once the listeners of test_start have returned.
void LocustMaster::go_on() {
    if (!wanted_ || stopping_ || context_.status.tests_begun < tests_) return;
    steps_ += 1;
    context_.engine.take_step(users_.step_to(wanted_->user_classes_count));
    wanted_.reset();
}

void LocustMaster::on_spawning_complete(const from_master::SpawningComplete& message) {
    context_.engine.announce_spawned(message.user_count);
    if (!context_.options.reset_when_spawned || !test_is_on_ || stopping_) return;
    epoch_ += 1;
    delta_ = {};
    exceptions_.clear();
    totals_.reset(since_);
    context_.engine.reset_statistics(epoch_);
}

void LocustMaster::on_stop(const Moment& now) {
    wanted_.reset();
    if (!test_is_on_) return complete_stop(now);
    if (!std::exchange(stopping_, true)) context_.engine.end_test();
}

// The last statistics come first: the master may look at them as soon as it knows of the end.
void LocustMaster::complete_stop(const Moment& now) {
    stopping_ = false;
    test_is_on_ = false;
    state_ = run::State::Ready;
    target_ = 0;
    if (leaving_) return;  // they go with the last word
    send_exceptions(kMostExceptionsAtEnd);
    send_statistics(now);
    context_.link.send(from_worker::ClientStopped{});
    say_ready();
    if (wanted_) {
        begin_test(now);
        go_on();
    }
}

void LocustMaster::say_ready() {
    context_.link.send(from_worker::ClientReady{.unchecked = true});
}

void LocustMaster::on_report(run::EngineReport&& report, const Moment& now) {
    const run::EngineReport& status = context_.status;
    merge(report);
    send_letters(std::move(report.letters));
    obey_user_code(now);
    if (test_is_on_ && status.tests_ended >= tests_) complete_stop(now);
    go_on();
    if (state_ == run::State::Spawning && !wanted_ && status.steps_done >= steps_) {
        state_ = run::State::Running;
        const ClassCounts wanted = users_.wanted_of(status.users);
        context_.link.send(from_worker::SpawningComplete{wanted, sum_of(wanted)});
    }
    if (leaving_ && status.has_left && !std::exchange(told_all_, true)) {
        send_exceptions(kMostExceptionsAtEnd);
        send_statistics(now);
        context_.link.send(from_worker::Quit{});
    }
    tell_engine(now);
}

void LocustMaster::obey_user_code(const Moment& now) {
    const run::EngineReport& status = context_.status;
    if (status.quit_asked) leave(now);
    if (!test_is_on_ || stopping_ || status.tests_begun < tests_) return;
    if (!status.cannot_go_on.empty()) {
        const std::string& why = status.cannot_go_on.front();
        base::log(LogLevel::Error, "the test is given up: {}", why);
        context_.link.send(from_worker::ExceptionRaised{why, "the test is given up"});
        on_stop(now);
    } else if (status.stops_asked >= tests_) {
        on_stop(now);
    }
}

void LocustMaster::merge(run::EngineReport& report) {
    if (report.statistics_epoch != epoch_) return;  // of before a reset
    for (stats::ExceptionCount& exception : report.delta.exceptions) {
        add_to(exceptions_, stats::ExceptionCount(exception));
    }
    totals_.merge(stats::Delta(report.delta));
    totals_.add(report.machine);
    report.delta.exceptions.clear();
    delta_.merge(std::move(report.delta));
}

void LocustMaster::send_statistics(const Moment& now) {
    next_statistics_ = now.steady + kReportPeriod;
    context_.link.send(from_worker::LocustStats{.delta = std::exchange(delta_, {}),
                                                .since = std::exchange(since_, now.wall),
                                                .user_classes_count = counts(),
                                                .user_count = context_.status.user_count});
}

void LocustMaster::send_exceptions(std::size_t most) {
    std::size_t sent = 0;
    while (!exceptions_.empty() && sent < most) {
        stats::ExceptionCount& next = exceptions_.back();
        const from_worker::ExceptionRaised message{fmt::format("{}: {}", next.type, next.text),
                                                   fmt::format("  in {}\n", next.where)};
        for (; next.count > 0 && sent < most; --next.count, ++sent) context_.link.send(message);
        if (next.count == 0) exceptions_.pop_back();
    }
    if (most < kMostExceptionsAtEnd || exceptions_.empty()) return;
    std::uint64_t left = 0;
    for (const stats::ExceptionCount& one : exceptions_) left += one.count;
    base::log(LogLevel::Warning, "{} exceptions of tasks are not told to the master", left);
    exceptions_.clear();
}

void LocustMaster::send_log(const Moment& now) {
    next_log_ = now.steady + kLogPeriod;
    const std::uint64_t last = context_.log.last();
    if (last == log_sent_) return;
    if (last - log_sent_ > kMostNewLogLines) {
        sends_log_ = false;
        base::log(LogLevel::Warning,
                  "The worker attempted to send more than {} log lines in one interval. Further "
                  "log sending was disabled for this worker.",
                  kMostNewLogLines);
    }
    LogTail::Lines all = context_.log.after(0);
    log_sent_ = all.last();
    context_.link.send(from_worker::Logs{context_.options.id, std::move(all.lines)});
}

void LocustMaster::send_letters(std::vector<run::Letter>&& letters) {
    for (run::Letter& letter : letters) {
        if (!letter.node.empty() && letter.node != run::kMasterId) {
            base::log(LogLevel::Warning,
                      "send_message(\"{}\"): a Locust master passes nothing on to \"{}\"",
                      letter.type,
                      letter.node);
            continue;
        }
        if (is_reserved(letter.type)) {
            base::log(LogLevel::Error,
                      "send_message(\"{}\"): that is a word of Locust's protocol, take another",
                      letter.type);
            continue;
        }
        context_.link.send(from_worker::Custom{std::move(letter.type), std::move(letter.json)});
    }
}

// A Locust master tells nobody how the test stands; a worker knows its own part.
void LocustMaster::tell_engine(const Moment& now) {
    run::RunNews news;
    news.state = test_is_on_ ? state_ : run::State::Ready;
    news.user_count = context_.status.user_count;
    news.target_user_count = target_;
    if (test_is_on_) news.elapsed = now.steady - begun_.steady;
    const stats::Entry& total = totals_.total();
    news.requests = total.counts.requests;
    news.failures = total.counts.failures;
    news.requests_per_s = totals_.total_rates(total).requests_per_s;
    news.median = total.percentile(0.50);
    news.p95 = total.percentile(0.95);
    news.p99 = total.percentile(0.99);
    context_.engine.tell(news);
}

void LocustMaster::on_time(const Moment& now) {
    if (told_all_) return;
    if (now.steady >= next_statistics_) {
        send_exceptions(kMostExceptionsPerReport);
        send_statistics(now);
    }
    if (sends_log_ && now.steady >= next_log_) send_log(now);
}

base::TimePoint LocustMaster::next_deadline() const {
    if (told_all_) return base::TimePoint::max();
    return sends_log_ ? std::min(next_statistics_, next_log_) : next_statistics_;
}

void LocustMaster::leave(const Moment&) {
    if (std::exchange(leaving_, true)) return;
    wanted_.reset();
    if (test_is_on_ && !std::exchange(stopping_, true)) context_.engine.end_test();
    context_.engine.leave();
}

ClassCounts LocustMaster::counts() const {
    ClassCounts counts;
    const std::vector<std::string>& classes = context_.options.classes;
    for (std::size_t index = 0; index < classes.size(); ++index) {
        const auto& users = context_.status.users;
        counts[classes[index]] = index < users.size() ? users[index] : 0;
    }
    return counts;
}

}  // namespace cicada::cluster
