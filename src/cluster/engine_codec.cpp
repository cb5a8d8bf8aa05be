// SPDX-License-Identifier: Apache-2.0
#include "cluster/engine_codec.hpp"

#include <fmt/format.h>

#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "cluster/histogram_codec.hpp"
#include "cluster/record.hpp"
#include "cluster/utf8.hpp"

// The tables of what goes over the wire. docs/protocol.md repeats them: change both, and kProtocol
// with them once a version has been released.
namespace cicada::cluster {

// Statistics.

template <>
struct Codec<stats::Histogram> {
    static void write(Packer& packer, const stats::Histogram& times) {
        write_histogram(packer, times);
    }
    static void read(Value value, stats::Histogram& into, Reader& reader) {
        read_histogram(value, into, reader);
    }
};

template <>
struct Codec<stats::SharedKey> {
    static void write(Packer& packer, const stats::SharedKey& key) {
        packer.array(2);
        packer.text(key->method);
        packer.text(key->name);
    }
    static void read(Value value, stats::SharedKey& into, Reader& reader) {
        if (!reader.array(value)) return;
        if (value.size() < 2) return reader.complain("is a key without method or name");
        auto part = value.begin();
        const std::string_view method = reader.raw_text(*part);
        const std::string_view name = reader.raw_text(*++part);
        if (reader.ok()) into = reader.key(method, name);
    }
};

template <>
struct Layout<stats::Counts> {
    using T = stats::Counts;
    static constexpr std::string_view name = "counts";
    static constexpr auto fields = std::tuple(
        &T::requests, &T::failures, &T::bytes, &T::sent, &T::redirects, &T::resends, &T::aborted);
};

template <>
struct Layout<stats::SecondCounts> {
    using T = stats::SecondCounts;
    static constexpr std::string_view name = "second";
    static constexpr auto fields = std::tuple(&T::second, &T::requests, &T::failures);
};

template <>
struct Layout<stats::EntryDelta> {
    using T = stats::EntryDelta;
    static constexpr std::string_view name = "entry";
    static constexpr auto fields =
        std::tuple(&T::key, &T::counts, &T::response_times, &T::seconds, &T::last_request);
    static void check(const T& entry, Reader& reader) {
        if (entry.key == nullptr) reader.complain("entry has no key");
    }
};

template <>
struct Layout<stats::ErrorCount> {
    using T = stats::ErrorCount;
    static constexpr std::string_view name = "error";
    static constexpr auto fields =
        std::tuple(&T::key, &T::text, &T::occurrences, &T::first_seen, &T::last_seen);
    static void check(T& error, Reader& reader) {
        if (error.key == nullptr) reader.complain("error has no key");
        error.text.resize(cut(error.text, Reader::kLongestText).size());
    }
};

template <>
struct Layout<stats::ExceptionCount> {
    using T = stats::ExceptionCount;
    static constexpr std::string_view name = "exception";
    static constexpr auto fields = std::tuple(&T::type, &T::text, &T::where, &T::count);
    static void check(T& thrown, Reader&) {
        for (std::string* text : {&thrown.type, &thrown.text, &thrown.where}) {
            text->resize(cut(*text, Reader::kLongestText).size());
        }
    }
};

template <>
struct Layout<stats::BusySecond> {
    using T = stats::BusySecond;
    static constexpr std::string_view name = "busy second";
    static constexpr auto fields = std::tuple(&T::second, &T::busy, &T::wall);
    static void check(const T& second, Reader& reader) {
        const auto possible = [](std::chrono::nanoseconds time) {
            return time >= std::chrono::nanoseconds(0) && time <= std::chrono::hours(1);
        };
        if (!possible(second.busy) || !possible(second.wall)) {
            reader.complain("busy second is longer than an hour, or negative");
        }
    }
};

template <>
struct Layout<stats::Shortages> {
    using T = stats::Shortages;
    static constexpr std::string_view name = "shortages";
    static constexpr auto fields = std::tuple(&T::descriptors, &T::ports);
};

template <>
struct Highest<stats::MetricKind> {
    static constexpr auto value = stats::MetricKind::Check;
};
template <>
struct Highest<stats::MetricUnit> {
    static constexpr auto value = stats::MetricUnit::Time;
};

template <>
struct Layout<stats::MetricKey> {
    using T = stats::MetricKey;
    static constexpr std::string_view name = "metric key";
    static constexpr auto fields = std::tuple(&T::kind, &T::unit, &T::name, &T::tags);
    static void check(T& key, Reader&) {
        for (std::string* text : {&key.name, &key.tags}) {
            text->resize(cut(*text, Reader::kLongestText).size());
        }
    }
};

template <>
struct Codec<stats::SharedMetricKey> {
    static void write(Packer& packer, const stats::SharedMetricKey& key) {
        write_record(packer, *key);
    }
    static void read(Value value, stats::SharedMetricKey& into, Reader& reader) {
        auto key = std::make_shared<stats::MetricKey>();
        read_record(value, *key, reader);
        into = std::move(key);
    }
};

template <>
struct Layout<stats::MetricValues> {
    using T = stats::MetricValues;
    static constexpr std::string_view name = "metric values";
    static constexpr auto fields = std::tuple(&T::count,
                                              &T::passed,
                                              &T::sum,
                                              &T::last,
                                              &T::lowest,
                                              &T::highest,
                                              &T::last_set,
                                              &T::distribution);
};

template <>
struct Layout<stats::MetricDelta> {
    using T = stats::MetricDelta;
    static constexpr std::string_view name = "metric";
    static constexpr auto fields = std::tuple(&T::key, &T::values);
    static void check(const T& metric, Reader& reader) {
        if (metric.key == nullptr) reader.complain("metric has no key");
    }
};

template <>
struct Layout<stats::Delta> {
    using T = stats::Delta;
    static constexpr std::string_view name = "delta";
    static constexpr auto fields = std::tuple(&T::taken,
                                              &T::entries,
                                              &T::errors,
                                              &T::exceptions,
                                              &T::generator_share,
                                              &T::busy,
                                              &T::metrics,
                                              &T::shortages,
                                              &T::uncertain_exchanges,
                                              &T::warnings);
};

// What an engine says.

template <>
struct Layout<run::Aim> {
    using T = run::Aim;
    static constexpr std::string_view name = "aim";
    static constexpr auto fields = std::tuple(&T::users, &T::spawn_rate, &T::classes);
};

template <>
struct Layout<run::ShapeWish> {
    using T = run::ShapeWish;
    static constexpr std::string_view name = "shape";
    static constexpr auto fields = std::tuple(&T::test, &T::aim);
};

template <>
struct Layout<run::ArrivalProgress> {
    using T = run::ArrivalProgress;
    static constexpr std::string_view name = "arrivals";
    static constexpr auto fields = std::tuple(&T::name,
                                              &T::planned,
                                              &T::begun,
                                              &T::done,
                                              &T::delayed,
                                              &T::dropped,
                                              &T::users,
                                              &T::busy,
                                              &T::max_users,
                                              &T::uncertain,
                                              &T::more_to_come);
};

template <>
struct Highest<user::LimitKind> {
    static constexpr auto value = user::LimitKind::IterationsPerUser;
};

template <>
struct Layout<user::LimitProgress> {
    using T = user::LimitProgress;
    static constexpr std::string_view name = "limit";
    static constexpr auto fields =
        std::tuple(&T::name, &T::kind, &T::total, &T::done, &T::cut_off, &T::uncertain, &T::beyond);
};

template <>
struct Highest<run::LeaseKind> {
    static constexpr auto value = run::LeaseKind::Arrivals;
};
template <>
struct Highest<user::Need> {
    static constexpr auto value = user::Need::Now;
};

template <>
struct Layout<run::LeaseKey> {
    using T = run::LeaseKey;
    static constexpr std::string_view name = "lease key";
    static constexpr auto fields = std::tuple(&T::kind, &T::index);
};

template <>
struct Layout<user::TicketBlock> {
    using T = user::TicketBlock;
    static constexpr std::string_view name = "block";
    static constexpr auto fields = std::tuple(&T::first, &T::count, &T::stride);
    static void check(const T& block, Reader& reader) {
        if (block.first < 0 || block.count < 0 || block.stride < 1 ||
            block.count > Reader::kMostInteger / block.stride) {
            reader.complain("block of tickets cannot be");
        }
    }
};

template <>
struct Layout<user::Holding> {
    using T = user::Holding;
    static constexpr std::string_view name = "holding";
    static constexpr auto fields =
        std::tuple(&T::granted, &T::used, &T::taken, &T::returned, &T::recalls, &T::need);
};

template <>
struct Layout<run::LeaseAccount> {
    using T = run::LeaseAccount;
    static constexpr std::string_view name = "lease";
    static constexpr auto fields = std::tuple(&T::key, &T::name, &T::total, &T::held);
};

template <>
struct Layout<run::LeaseReturn> {
    using T = run::LeaseReturn;
    static constexpr std::string_view name = "lease return";
    static constexpr auto fields = std::tuple(&T::key, &T::block);
};

template <>
struct Layout<stats::MachineUse> {
    using T = stats::MachineUse;
    static constexpr std::string_view name = "machine";
    static constexpr auto fields = std::tuple(
        &T::cpu, &T::stolen, &T::quota_periods, &T::throttled_periods, &T::held, &T::longest_hold);
    static void check(const T& use, Reader& reader) {
        constexpr std::chrono::hours kMost(24 * 365);  // of all CPUs, since the last report
        for (const auto time : {use.cpu, use.stolen, use.held, use.longest_hold}) {
            if (time < std::chrono::nanoseconds(0) || time > kMost) {
                reader.complain("machine holds a time beyond a year, or below 0");
            }
        }
    }
};

template <>
struct Layout<run::Letter> {
    using T = run::Letter;
    static constexpr std::string_view name = "letter";
    static constexpr auto fields = std::tuple(&T::type, &T::json, &T::node);
};

template <>
struct Layout<run::EngineReport> {
    using T = run::EngineReport;
    static constexpr std::string_view name = "report";
    static constexpr auto fields = std::tuple(&T::statistics_epoch,
                                              &T::delta,
                                              &T::machine,
                                              &T::letters,
                                              &T::takes,
                                              &T::users,
                                              &T::user_count,
                                              &T::steps_done,
                                              &T::tests_begun,
                                              &T::tests_ended,
                                              &T::has_left,
                                              &T::shape,
                                              &T::arrivals,
                                              &T::limits,
                                              &T::limits_part_done,
                                              &T::nothing_left,
                                              &T::lease_round,
                                              &T::leases,
                                              &T::lease_returns,
                                              &T::stops_asked,
                                              &T::quit_asked,
                                              &T::exit_code,
                                              &T::cannot_go_on,
                                              &T::listener_threw);
};

// What an engine is asked.

template <>
struct Highest<run::State> {
    static constexpr auto value = run::State::Missing;
};

template <>
struct Layout<run::TestBegin> {
    using T = run::TestBegin;
    static constexpr std::string_view name = "begin";
    static constexpr auto fields = std::tuple(&T::statistics_epoch,
                                              &T::host,
                                              &T::stop_timeout,
                                              &T::drain_timeout,
                                              &T::settings,
                                              &T::worker_index,
                                              &T::worker_count,
                                              &T::iterations,
                                              &T::seed,
                                              &T::lease_round,
                                              &T::first_guest);
};

template <>
struct Layout<run::PlannedUser> {
    using T = run::PlannedUser;
    static constexpr std::string_view name = "user";
    static constexpr auto fields = std::tuple(&T::class_index, &T::number);
};

template <>
struct Layout<run::ArrivalLease> {
    using T = run::ArrivalLease;
    static constexpr std::string_view name = "arrival lease";
    static constexpr auto fields =
        std::tuple(&T::zero, &T::max_users, &T::number, &T::due, &T::random_state);
};

template <>
struct Layout<run::LeaseGrant> {
    using T = run::LeaseGrant;
    static constexpr std::string_view name = "grant";
    static constexpr auto fields = std::tuple(&T::key, &T::block, &T::arrivals);
};

template <>
struct Layout<run::SpawnStep> {
    using T = run::SpawnStep;
    static constexpr std::string_view name = "step";
    static constexpr auto fields = std::tuple(&T::start, &T::stop);
};

template <>
struct Layout<run::RunNews> {
    using T = run::RunNews;
    static constexpr std::string_view name = "news";
    static constexpr auto fields = std::tuple(&T::state,
                                              &T::user_count,
                                              &T::target_user_count,
                                              &T::elapsed,
                                              &T::requests,
                                              &T::failures,
                                              &T::requests_per_s,
                                              &T::median,
                                              &T::p95,
                                              &T::p99);
};

template <>
struct Layout<command::BeginTest> {
    static constexpr std::string_view name = "begin_test";
    static constexpr auto fields = std::tuple(&command::BeginTest::begin);
};
template <>
struct Layout<command::TakeStep> {
    static constexpr std::string_view name = "take_step";
    static constexpr auto fields = std::tuple(&command::TakeStep::step);
};
template <>
struct Layout<command::Pause> {
    static constexpr std::string_view name = "pause";
    static constexpr std::tuple<> fields{};
};
template <>
struct Layout<command::Resume> {
    static constexpr std::string_view name = "resume";
    static constexpr std::tuple<> fields{};
};
template <>
struct Layout<command::AnnounceSpawned> {
    static constexpr std::string_view name = "announce_spawned";
    static constexpr auto fields = std::tuple(&command::AnnounceSpawned::users);
};
template <>
struct Layout<command::EndTest> {
    static constexpr std::string_view name = "end_test";
    static constexpr std::tuple<> fields{};
};
template <>
struct Layout<command::ResetStatistics> {
    static constexpr std::string_view name = "reset_statistics";
    static constexpr auto fields = std::tuple(&command::ResetStatistics::epoch);
};
template <>
struct Layout<command::Tell> {
    static constexpr std::string_view name = "tell";
    static constexpr auto fields = std::tuple(&command::Tell::news);
};
template <>
struct Layout<command::Leave> {
    static constexpr std::string_view name = "leave";
    static constexpr std::tuple<> fields{};
};
template <>
struct Layout<command::DisableTask> {
    static constexpr std::string_view name = "disable_task";
    static constexpr auto fields = std::tuple(&command::DisableTask::name);
};
template <>
struct Layout<command::Deliver> {
    using T = command::Deliver;
    static constexpr std::string_view name = "deliver";
    static constexpr auto fields = std::tuple(&T::type, &T::json, &T::from);
};

template <>
struct Layout<command::Grant> {
    static constexpr std::string_view name = "grant";
    static constexpr auto fields = std::tuple(&command::Grant::grant);
};
template <>
struct Layout<command::Recall> {
    static constexpr std::string_view name = "recall";
    static constexpr auto fields = std::tuple(&command::Recall::key, &command::Recall::most);
};
template <>
struct Layout<command::Close> {
    static constexpr std::string_view name = "close";
    static constexpr auto fields = std::tuple(&command::Close::key);
};

template <>
struct Layout<Beat> {
    using T = Beat;
    static constexpr std::string_view name = "beat";
    static constexpr auto fields =
        std::tuple(&T::life, &T::sent_at, &T::echo_of, &T::echo_held, &T::started, &T::finished);
};

void write_engine_report(Packer& packer, const run::EngineReport& report) {
    write_record(packer, report);
}

void read_engine_report(Value value, run::EngineReport& into, Reader& reader) {
    read_record(value, into, reader);
}

void write_delta(Packer& packer, const stats::Delta& delta) {
    write_record(packer, delta);
}

void read_delta(Value value, stats::Delta& into, Reader& reader) {
    read_record(value, into, reader);
}

void write_beat(Packer& packer, const Beat& beat) {
    write_record(packer, beat);
}

void read_beat(Value value, Beat& into, Reader& reader) {
    read_record(value, into, reader);
}

void write_command(Packer& packer, const Command& command) {
    std::visit(
        [&](const auto& one) {
            packer.array(2);
            packer.text(Layout<std::decay_t<decltype(one)>>::name);
            write_record(packer, one);
        },
        command);
}

namespace {

// Whether `name` is that of the command One; then it is read.
template <class One>
bool read_if_named(std::string_view name, Value record, Command& into, Reader& reader) {
    if (name != Layout<One>::name) return false;
    read_record(record, into.emplace<One>(), reader);
    return true;
}

template <class... All>
bool read_any(std::string_view name, Value record, std::variant<All...>& into, Reader& reader) {
    return (read_if_named<All>(name, record, into, reader) || ...);
}

}  // namespace

void read_command(Value value, Command& into, Reader& reader) {
    if (!reader.array(value)) return reader.found_at("command");
    if (value.size() < 2) return reader.complain("command is an array of less than 2");
    auto part = value.begin();
    const std::string_view name = reader.raw_text(*part);
    if (!reader.ok()) return reader.found_at("the name of a command");
    if (!read_any(name, *++part, into, reader)) {
        reader.complain(fmt::format("asks for \"{}\", which is not known here",
                                    as_utf8(cut(name, Reader::kLongestShown))));
    }
}

}  // namespace cicada::cluster
