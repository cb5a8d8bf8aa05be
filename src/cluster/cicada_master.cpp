// SPDX-License-Identifier: Apache-2.0
#include "cluster/cicada_master.hpp"

#include <algorithm>
#include <cstdlib>
#include <type_traits>
#include <variant>

#include "base/later.hpp"
#include "base/log.hpp"

namespace cicada::cluster {
namespace {

using base::LogLevel;
using std::chrono::nanoseconds;

std::uint64_t requests_in(const stats::Delta& delta) {
    std::uint64_t sum = 0;
    for (const stats::EntryDelta& entry : delta.entries) sum += entry.counts.requests;
    return sum;
}

/// Seconds as decimal text; nothing: it is none.
std::optional<nanoseconds> seconds_in(const std::string& text) {
    char* end = nullptr;
    const double seconds = std::strtod(text.c_str(), &end);
    constexpr double kMost = 1e9;
    if (text.empty() || *end != '\0' || !(seconds >= 0 && seconds <= kMost)) return std::nullopt;
    return nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
}

}  // namespace

CicadaMaster::CicadaMaster(WorkerContext& context, const Moment& now)
    : context_(context), next_log_(now.steady) {
    say_hello(now);
}

void CicadaMaster::say_hello(const Moment& now) {
    const WorkerOptions& options = context_.options;
    context_.link.send(from_worker::Hello{.incarnation = options.incarnation,
                                          .reign = reign_,
                                          .last_acknowledged = reports_.acknowledged(),
                                          .last_command = commands_.last(),
                                          .version = options.version,
                                          .processors = options.processors,
                                          .test_hash = options.test_hash,
                                          .test_complaint = options.test_complaint,
                                          .classes = options.classes,
                                          .status = context_.status});
    next_hello_ = now.steady + kHelloPeriod;
}

void CicadaMaster::on_message(const FromMaster& message, const Moment& now) {
    std::visit(
        [this, &now](const auto& one) {
            using Message = std::decay_t<decltype(one)>;
            if constexpr (std::is_same_v<Message, from_master::Ack>) {
                on_ack(one, now);
            } else if constexpr (std::is_same_v<Message, from_master::Welcome>) {
                on_welcome(one, now);
            } else if constexpr (std::is_same_v<Message, from_master::Commands>) {
                on_commands(one, now);
            } else if constexpr (std::is_same_v<Message, from_master::Heartbeat>) {
                on_heartbeat(one, now);
            } else if constexpr (std::is_same_v<Message, from_master::ReportDone>) {
                if (one.incarnation != context_.options.incarnation) return;
                reports_.acknowledge(one.number, now.steady);
                acknowledge_reports();
                send_reports(now);
            } else if constexpr (std::is_same_v<Message, from_master::Refused>) {
                if (one.incarnation == context_.options.incarnation) refusal_ = one.why;
            } else if constexpr (std::is_same_v<Message, from_master::Reconnect>) {
                context_.link.reopen();
            } else if constexpr (std::is_same_v<Message, from_master::Quit>) {
                leave(now);
            }
        },
        message);
}

// It has forgotten us, or what we sent it came twice.
void CicadaMaster::on_ack(const from_master::Ack&, const Moment& now) {
    if (now.steady >= next_hello_) say_hello(now);
}

void CicadaMaster::on_welcome(const from_master::Welcome& welcome, const Moment& now) {
    if (welcome.incarnation != context_.options.incarnation || welcome.reign == 0) return;
    const bool is_new = welcome.reign != reign_;
    if (!is_new && welcomed_) return;
    reports_.resume_after(welcome.last_report, now.steady);
    acknowledge_reports();
    if (is_new) {
        commands_.begin_after(0);
        clock_.forget();
        last_beat_.reset();
        base::log(LogLevel::Info, "Worker {} of a Cicada master", welcome.worker_index);
    }
    reign_ = welcome.reign;
    welcomed_ = true;
    welcome_ = welcome;
    send_reports(now);
}

void CicadaMaster::on_heartbeat(const from_master::Heartbeat& answer, const Moment& now) {
    if (!answer.beat) return;
    if (answer.beat->life != reign_) {
        if (now.steady >= next_hello_) say_hello(now);
        if (welcomed_) base::log(LogLevel::Info, "The master has been started again");
        welcomed_ = false;
        return;
    }
    last_beat_ = answer.beat;
    last_beat_at_ = now.steady;
    clock_.learn(*answer.beat, now.steady);
}

std::optional<Beat> CicadaMaster::next_beat(const Moment& now) {
    Beat beat{.life = context_.options.incarnation, .sent_at = now.steady.time_since_epoch()};
    if (last_beat_) {
        beat.echo_of = last_beat_->sent_at;
        beat.echo_held = now.steady - last_beat_at_;
    }
    if (context_.options.wire_counts) {
        const WireCounts counts = context_.options.wire_counts();
        beat.started = counts.started;
        beat.finished = counts.finished;
    }
    return beat;
}

void CicadaMaster::on_commands(const from_master::Commands& message, const Moment& now) {
    if (message.reign != reign_ || !welcomed_) return;
    std::uint64_t number = message.first;
    for (const Command& command : message.commands) {
        if (commands_.accept(number++)) obey(command, now);
    }
    if (const auto done = commands_.take_acknowledgement()) {
        context_.link.send(from_worker::CommandsDone{reign_, *done});
    }
    send_reports(now);
}

// On the wire a time is the master's wall clock.
run::LeaseGrant CicadaMaster::by_our_clock(run::LeaseGrant grant, const Moment& now) const {
    if (!grant.arrivals) return grant;
    const base::WallTime master_now = clock_.at(now.steady).value_or(now.wall);
    const base::WallTime zero(std::chrono::duration_cast<base::WallTime::duration>(
        grant.arrivals->zero.time_since_epoch()));
    grant.arrivals->zero = now.steady + (zero - master_now);
    return grant;
}

void CicadaMaster::obey(const Command& command, const Moment& now) {
    run::EngineLink& engine = context_.engine;
    std::visit(
        [this, &engine, &now](const auto& one) {
            using One = std::decay_t<decltype(one)>;
            if constexpr (std::is_same_v<One, command::BeginTest>) {
                begin_test(one.begin);
            } else if constexpr (std::is_same_v<One, command::TakeStep>) {
                if (!leaving_) engine.take_step(one.step);
            } else if constexpr (std::is_same_v<One, command::Pause>) {
                engine.pause();
            } else if constexpr (std::is_same_v<One, command::Resume>) {
                engine.resume();
            } else if constexpr (std::is_same_v<One, command::AnnounceSpawned>) {
                engine.announce_spawned(one.users);
            } else if constexpr (std::is_same_v<One, command::EndTest>) {
                if (std::exchange(testing_, false)) engine.end_test();
            } else if constexpr (std::is_same_v<One, command::ResetStatistics>) {
                engine.reset_statistics(one.epoch);
            } else if constexpr (std::is_same_v<One, command::Tell>) {
                engine.tell(one.news);
            } else if constexpr (std::is_same_v<One, command::Leave>) {
                if (!std::exchange(leaving_, true)) engine.leave();
            } else if constexpr (std::is_same_v<One, command::Deliver>) {
                engine.deliver({one.type, one.json, one.from});
            } else if constexpr (std::is_same_v<One, command::DisableTask>) {
                engine.disable_task(one.name);
            } else if constexpr (std::is_same_v<One, command::Grant>) {
                engine.grant(by_our_clock(one.grant, now));
            } else if constexpr (std::is_same_v<One, command::Recall>) {
                engine.recall(one.key, one.most);
            } else if constexpr (std::is_same_v<One, command::Close>) {
                engine.close(one.key);
            }
        },
        command);
}

void CicadaMaster::begin_test(run::TestBegin begin) {
    if (leaving_) return;
    for (const auto& [option, text] : welcome_.settings) {
        if (option == "stop-timeout") {
            begin.stop_timeout = seconds_in(text);
        } else if (option == "drain-timeout") {
            begin.drain_timeout = seconds_in(text);
        } else {
            begin.settings.emplace_back(option, text);
        }
    }
    testing_ = true;
    context_.engine.begin_test(begin);
}

void CicadaMaster::on_report(run::EngineReport&& report, const Moment& now) {
    move_to_master_time(report.delta, now);
    const std::uint64_t requests = requests_in(report.delta);
    if (run::EngineReport* const waiting = reports_.last_unsent()) {
        waiting->absorb(std::move(report));
        untold_.back() += requests;
    } else {
        reports_.push(std::move(report));
        untold_.push_back(requests);
    }
    send_reports(now);
}

void CicadaMaster::acknowledge_reports() {
    const std::size_t unacknowledged = reports_.last() - reports_.acknowledged();
    while (untold_.size() > unacknowledged) untold_.pop_front();
    Journal* const journal = context_.options.journal;
    if (journal == nullptr || reports_.acknowledged() < reports_sent_) return;
    if (std::exchange(reports_noted_, reports_sent_) == reports_sent_) return;
    journal->note_acknowledged(reports_sent_);
}

void CicadaMaster::send_reports(const Moment& now) {
    if (!welcomed_) return;
    auto batch = reports_.due(now.steady);
    if (!batch) return;
    if (batch->first > reports_sent_) {
        reports_sent_ = batch->first;
        Journal* const journal = context_.options.journal;
        if (journal != nullptr) journal->note_sent(reports_sent_, batch->items.front().takes);
    }
    context_.link.send(from_worker::Report{.incarnation = context_.options.incarnation,
                                           .number = batch->first,
                                           .report = std::move(batch->items.front())});
}

void CicadaMaster::move_to_master_time(stats::Delta& delta, const Moment& now) const {
    const auto master = clock_.at(now.steady);
    if (!master) return;
    const Moment& started = context_.options.started;
    const base::WallTime ours = started.wall + (now.steady - started.steady);
    shift(delta, *master - ours);
}

void CicadaMaster::send_log(const Moment& now) {
    next_log_ = now.steady + kLogPeriod;
    const std::uint64_t last = context_.log.last();
    if (last == log_sent_) return;
    const std::uint64_t after =
        std::max(log_sent_, last > kMostLogLines ? last - kMostLogLines : 0);
    LogTail::Lines fresh = context_.log.after(after);
    log_sent_ = fresh.last();
    context_.link.send(from_worker::WorkerLog{fresh.first, std::move(fresh.lines)});
}

void CicadaMaster::on_time(const Moment& now) {
    if (!welcomed_) {
        if (now.steady >= next_hello_) say_hello(now);
        return;
    }
    send_reports(now);
    if (now.steady >= next_log_) send_log(now);
}

base::TimePoint CicadaMaster::next_deadline() const {
    if (!welcomed_) return next_hello_;
    return std::min(reports_.next_deadline(), next_log_);
}

void CicadaMaster::leave(const Moment& now) {
    if (std::exchange(leaving_, true)) return;
    if (std::exchange(testing_, false)) context_.engine.end_test();
    context_.engine.leave();
    send_reports(now);
}

bool CicadaMaster::all_told() const {
    return context_.status.has_left && reports_.idle();
}

std::uint64_t CicadaMaster::untold_requests() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t requests : untold_) sum += requests;
    return sum;
}

run::State CicadaMaster::state() const {
    if (leaving_) return run::State::Stopping;
    return testing_ ? run::State::Running : run::State::Ready;
}

}  // namespace cicada::cluster
