// SPDX-License-Identifier: Apache-2.0
#include "cluster/worker_machine.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "base/later.hpp"
#include "base/log.hpp"
#include "base/time_span.hpp"
#include "cluster/cicada_master.hpp"
#include "cluster/locust_master.hpp"

namespace cicada::cluster {

using base::LogLevel;

WorkerMachine::WorkerMachine(const WorkerOptions& options,
                             run::EngineLink& engine,
                             MasterLink& link,
                             LogTail& log,
                             const Moment& now)
    : options_(options), context_{options, engine, link, log}, heard_at_(now.steady) {
    say_ready(now);
}

void WorkerMachine::say_ready(const Moment& now) {
    next_ready_ = now.steady + kReadyPeriod;
    context_.link.send(from_worker::ClientReady{.unchecked = true});
}

void WorkerMachine::on_message(const FromMaster& message, const Moment& now) {
    if (finished_) return;
    heard_at_ = now.steady;
    if (std::exchange(silence_told_, false)) {
        base::log(LogLevel::Info, "The master answers again");
    }
    if (const auto* ack = std::get_if<from_master::Ack>(&message)) meet(*ack, now);
    if (master_ == nullptr) return;
    master_->on_message(message, now);
    if (const auto& why = master_->refusal()) fail(*why, now);
    look_for_end(now);
}

// A master of the other kind in the place of one that is gone is a new acquaintance.
void WorkerMachine::meet(const from_master::Ack& ack, const Moment& now) {
    const bool is_cicada = ack.protocol.has_value();
    if (master_ != nullptr && is_cicada == is_cicada_) return;
    if (leaving_) return;
    if (master_ != nullptr) return fail("another kind of master has taken the place of ours", now);
    is_cicada_ = is_cicada;
    next_beat_ = now.steady;
    if (is_cicada) {
        master_ = std::make_unique<CicadaMaster>(context_, now);
    } else {
        master_ = std::make_unique<LocustMaster>(context_, ack, now);
    }
}

void WorkerMachine::on_report(run::EngineReport&& report, const Moment& now) {
    auto delta = std::exchange(report.delta, {});
    auto letters = std::exchange(report.letters, {});
    const auto machine = std::exchange(report.machine, {});
    context_.status = report;
    report.delta = std::move(delta);
    report.letters = std::move(letters);
    report.machine = machine;
    if (master_ != nullptr) master_->on_report(std::move(report), now);
    look_for_end(now);
}

void WorkerMachine::beat(const Moment& now) {
    next_beat_ = now.steady + master_->heartbeat_period();
    const Usage usage = options_.usage ? options_.usage() : Usage{};
    context_.link.send(from_worker::Heartbeat{.state = master_->state(),
                                              .cpu_percent = usage.cpu_percent,
                                              .memory_bytes = usage.memory_bytes,
                                              .beat = master_->next_beat(now)});
}

void WorkerMachine::on_time(const Moment& now) {
    if (finished_) return;
    if (master_ == nullptr) {
        if (now.steady < next_ready_ || leaving_) return look_for_end(now);
        if (++tries_ >= kMostTries) {
            return fail(fmt::format("no master has answered in {} s", kMostTries * 5), now);
        }
        base::log(tries_ <= 6 ? LogLevel::Debug : LogLevel::Info,
                  "The master does not answer, try {} of {}",
                  tries_,
                  kMostTries - 1);
        return say_ready(now);
    }
    const auto silence = now.steady - heard_at_;
    if (silence >= kSilence && now.steady >= next_ready_) {
        if (!std::exchange(silence_told_, true)) {
            base::log(LogLevel::Warning, "The master is silent; the users go on");
        }
        say_ready(now);  // it may have been started again, and know nothing of us
    }
    if (silence >= options_.lost_after) {
        fail(fmt::format("the master has been silent for {}", base::format_time_span(silence)),
             now);
    }
    master_->on_time(now);
    if (now.steady >= next_beat_) beat(now);
    look_for_end(now);
}

base::TimePoint WorkerMachine::next_deadline() const {
    if (finished_) return base::TimePoint::max();
    if (master_ == nullptr) return std::min(next_ready_, give_up_at_);
    return std::min({next_beat_, master_->next_deadline(), give_up_at_});
}

void WorkerMachine::leave(const Moment& now) {
    if (std::exchange(leaving_, true)) return;
    if (master_ != nullptr) {
        master_->leave(now);
    } else {
        context_.engine.leave();
    }
    look_for_end(now);
}

void WorkerMachine::fail(const std::string& why, const Moment& now) {
    if (!failure_.empty()) return;
    failure_ = why;
    base::log(LogLevel::Error, "{}", why);
    leave(now);
}

// The rest is told for a while only, counted from when there is nothing else to do.
void WorkerMachine::look_for_end(const Moment& now) {
    if (finished_ || !context_.status.has_left) return;
    if (give_up_at_ == base::TimePoint::max()) {
        give_up_at_ = now.steady + (failure_.empty() ? kPatienceAtEnd : std::chrono::seconds(0));
    }
    const bool told = master_ == nullptr || master_->all_told();
    if (!told && now.steady < give_up_at_) return;
    if (!told) {
        base::log(LogLevel::Error,
                  "the master has not taken the last report: {} requests are missing there",
                  master_->untold_requests());
    }
    // A Quit means that nothing is left to be told.
    if (is_cicada_ && told && !master_->refusal()) context_.link.send(from_worker::Quit{});
    finished_ = true;
}

run::State WorkerMachine::state() const {
    return master_ == nullptr ? run::State::Ready : master_->state();
}

}  // namespace cicada::cluster
