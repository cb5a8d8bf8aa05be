// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/log.hpp"
#include "cluster/master_machine.hpp"

// What a master makes of each message.
namespace cicada::cluster {

using base::LogLevel;

namespace {

/// Of the workers that ours have been tried with.
constexpr std::string_view kLocustSeries = "2.";

/// A worker's own line of the log, as base::formatted() makes it: a person at the master is shown
/// what went wrong.
void repeat_if_it_matters(const std::string& id, const std::string& line) {
    for (const LogLevel level : {LogLevel::Warning, LogLevel::Error, LogLevel::Critical}) {
        const std::string_view word = level == LogLevel::Warning ? "/WARNING/"
                                      : level == LogLevel::Error ? "/ERROR/"
                                                                 : "/CRITICAL/";
        const std::size_t found = line.find(word);
        const std::size_t text = line.find(": ");
        if (found == std::string::npos || text == std::string::npos || found > text) continue;
        base::log(level, "worker {}: {}", id, line.substr(text + 2));
        return;
    }
}

constexpr std::size_t kMostWarnedOf = 1000;
constexpr std::size_t kMostRubbishTold = 50;  // lines of the log

}  // namespace

void MasterMachine::on_message(const std::string& id,
                               FromWorker&& message,
                               const run::Moment& now) {
    begin(now);
    if (Member* const member = cluster_.find(id)) {
        member->heard_at = now.steady;
        if (member->missing) {
            base::log(LogLevel::Info, "worker {} is back", id);
            cluster_.find_again(*member);
            changed_ = true;
        }
    }
    std::visit([this, &id](auto&& one) { on(id, std::move(one)); }, std::move(message));
    settle();
}

void MasterMachine::on_rubbish(const std::string& id,
                               const std::string& why,
                               const run::Moment& now) {
    begin(now);
    if (rubbish_told_ < kMostRubbishTold) {
        rubbish_told_ += 1;
        base::log(LogLevel::Error, "what worker {} sent is no message: {}", id, why);
        if (rubbish_told_ == kMostRubbishTold) {
            base::log(LogLevel::Error, "more of that kind is not shown");
        }
    }
    reply(id, from_master::Reconnect{});
}

void MasterMachine::reply(const std::string& id, FromMaster message) {
    replies_.push_back({id, std::move(message)});
}

LocustMember* MasterMachine::locust(const std::string& id) {
    return dynamic_cast<LocustMember*>(cluster_.find(id));
}

CicadaMember* MasterMachine::cicada(const std::string& id) {
    return dynamic_cast<CicadaMember*>(cluster_.find(id));
}

// An id keeps its index for as long as the master lives.
std::optional<std::int64_t> MasterMachine::index_of(const std::string& id) {
    const auto found = indices_.find(id);
    if (found != indices_.end()) return found->second;
    if (cluster_.members().size() >= kMostWorkers || indices_.size() >= kMostIndices) {
        base::log(LogLevel::Error, "worker {} is refused: {} workers are enough", id, kMostWorkers);
        return std::nullopt;
    }
    return indices_.emplace(id, static_cast<std::int64_t>(indices_.size())).first->second;
}

void MasterMachine::on(const std::string& id, from_worker::ClientReady&& ready) {
    if (ready.version.empty() && !ready.unchecked) {
        base::log(LogLevel::Error, "worker {} is refused: it does not tell its version", id);
        return;
    }
    const auto index = index_of(id);
    if (!index) return;
    if (LocustMember* const member = locust(id)) member->on_ready();
    if (ready.unchecked) {
        reply(id, from_master::Ack{.index = *index, .protocol = kProtocol});
        if (cluster_.find(id) == nullptr) {
            unknown_make_.emplace(id, now_.steady + kHelloTime);
            next_look_at_ = std::min(next_look_at_, now_.steady + kHelloTime);
        }
    } else {
        if (ready.version.rfind(kLocustSeries, 0) != 0) {
            base::log(LogLevel::Warning,
                      "worker {} has version {} of Locust, which may speak another protocol than "
                      "2.x",
                      id,
                      ready.version);
        }
        reply(id, from_master::Ack{.index = *index, .protocol = std::nullopt});
        if (cluster_.find(id) == nullptr) add_locust(id);
    }
    changed_ = true;
}

void MasterMachine::add_locust(const std::string& id) {
    if (cluster_.find(id) != nullptr) return;
    auto member = std::make_unique<LocustMember>(id, indices_.at(id), classes_, options_.locust);
    member->heard_at = now_.steady;
    member->reset_statistics(run_.epoch());
    cluster_.add(std::move(member));
    note_joined(*cluster_.find(id));
}

void MasterMachine::note_joined(const Member& member) {
    changed_ = true;
    if (member.complaint().empty()) {
        base::log(LogLevel::Info,
                  "Worker {} (index {}) reported as ready, {} workers connected",
                  member.id(),
                  member.index(),
                  cluster_.ready());
        return;
    }
    base::log(LogLevel::Error, "worker {} takes no part: {}", member.id(), member.complaint());
}

void MasterMachine::on(const std::string& id, from_worker::Hello&& hello) {
    unknown_make_.erase(id);
    if (hello.incarnation == 0) return refuse(id, 0, "it does not say which incarnation it is");
    CicadaMember* known = cicada(id);
    if (Member* const other = cluster_.find(id); other != nullptr && known == nullptr) {
        cluster_.remove(*other, Cluster::Farewell::Mistaken);
    }
    if (known != nullptr && known->incarnation() != hello.incarnation) {
        const bool lives = known->beat && now_.steady - known->beat_at <= options_.missing_after;
        if (lives) {
            return refuse(id,
                          hello.incarnation,
                          fmt::format("there is a live worker with the id {} already", id));
        }
        base::log(LogLevel::Warning, "worker {} has been started anew", id);
        add_uncertain(*known);
        cluster_.remove(*known, Cluster::Farewell::None);
        known = nullptr;
    }
    if (known == nullptr) return add_cicada(id, hello);
    known->greet(hello, options_.reign, known->last_report(), now_.steady);
    welcome(*known);
}

void MasterMachine::add_cicada(const std::string& id, const from_worker::Hello& hello) {
    const auto index = index_of(id);
    if (!index) return refuse(id, hello.incarnation, "the master has enough workers");
    auto made = std::make_unique<CicadaMember>(id, *index, classes_);
    CicadaMember& member = *made;
    member.heard_at = now_.steady;
    member.greet(hello, options_.reign, std::nullopt, now_.steady);
    if (hello.status.tests_begun > hello.status.tests_ended) {
        base::log(LogLevel::Warning, "worker {} runs a test of before, which is stopped", id);
        member.end_test();
    }
    welcome(member);
    cluster_.add(std::move(made));
    note_joined(member);
}

void MasterMachine::welcome(CicadaMember& member) {
    const bool is_new = cluster_.find(member.id()) == nullptr;
    const std::size_t members = cluster_.members().size() + (is_new ? 1 : 0);
    reply(member.id(),
          from_master::Welcome{.reign = options_.reign,
                               .incarnation = member.incarnation(),
                               .last_report = member.last_report(),
                               .master_time = now_.wall,
                               .seed = options_.seed,
                               .worker_index = member.index(),
                               .worker_count = static_cast<std::int64_t>(members),
                               .settings = options_.worker_settings});
}

void MasterMachine::refuse(const std::string& id,
                           std::uint64_t incarnation,
                           const std::string& why) {
    base::log(LogLevel::Error, "worker {} is refused: {}", id, why);
    reply(id, from_master::Refused{.incarnation = incarnation, .why = why});
}

void MasterMachine::on(const std::string& id, from_worker::AskForTest&&) {
    reply(id, from_master::TestRefused{"this master hands out no test files"});
}

void MasterMachine::on(const std::string& id, from_worker::AskForPart&&) {
    reply(id, from_master::TestRefused{"this master hands out no test files"});
}

void MasterMachine::on(const std::string& id, from_worker::TestMisfit&& misfit) {
    base::log(LogLevel::Error, "{} cannot load the test: {}", id, misfit.why);
}

void MasterMachine::on(const std::string& id, from_worker::Heartbeat&& heartbeat) {
    from_master::Heartbeat answer;
    if (heartbeat.beat) {
        const auto wall =
            std::chrono::duration_cast<std::chrono::nanoseconds>(now_.wall.time_since_epoch());
        answer.beat =
            Beat{.life = options_.reign, .sent_at = wall, .echo_of = heartbeat.beat->sent_at};
    }
    Member* const member = cluster_.find(id);
    if (member == nullptr) {  // a Cicada worker learns from it that this is another master
        if (answer.beat || unknown_make_.contains(id)) reply(id, std::move(answer));
        return;
    }
    auto* const of_cicada = dynamic_cast<CicadaMember*>(member);
    const bool of_another =
        of_cicada != nullptr && heartbeat.beat && heartbeat.beat->life != of_cicada->incarnation();
    reply(id, std::move(answer));
    if (of_another) return;
    if (heartbeat.state && member->state != run::State::Stopping) member->state = *heartbeat.state;
    if (of_cicada != nullptr && heartbeat.state) {
        member->state = *heartbeat.state;
        if (*heartbeat.state == run::State::Stopping && !member->withdraws) {
            base::log(LogLevel::Info, "worker {} is about to end", id);
            cluster_.withdraw(*member);
            changed_ = true;
        }
    }
    member->cpu_percent = heartbeat.cpu_percent;
    member->memory_bytes = heartbeat.memory_bytes;
    if (of_cicada != nullptr && heartbeat.beat) of_cicada->note_beat(*heartbeat.beat, now_.steady);
    if (heartbeat.cpu_percent > kCpuWarning && !member->cpu_warned) {
        member->cpu_warned = true;
        base::log(LogLevel::Warning,
                  "worker {} uses more than {:g} % of its CPU: its response times may be too high",
                  id,
                  kCpuWarning);
    }
}

void MasterMachine::on(const std::string& id, from_worker::Spawning&&) {
    if (LocustMember* const member = locust(id)) {
        member->on_spawning();
    } else if (cluster_.find(id) == nullptr) {
        base::log(LogLevel::Warning, "worker {} is not known and starts users: it is ended", id);
        reply(id, from_master::Quit{});
    }
}

void MasterMachine::on(const std::string& id, from_worker::SpawningComplete&& complete) {
    if (LocustMember* const member = locust(id)) {
        member->on_spawned(complete);
        changed_ = true;
    }
}

void MasterMachine::on(const std::string& id, from_worker::LocustStats&& stats) {
    if (LocustMember* const member = locust(id)) {
        gain(id, member->take(std::move(stats), now_));
    } else if (warned_of_.size() < kMostWarnedOf && warned_of_.insert(id).second) {
        base::log(LogLevel::Warning, "statistics of the unknown worker {} are discarded", id);
    }
}

void MasterMachine::gain(const std::string& id, Gain&& gain) {
    run_.merge(std::move(gain.delta), gain.epoch);
    run_.add(gain.machine);
    for (run::Letter& letter : gain.letters) {
        std::string to = std::exchange(letter.node, id);
        if (to.empty() && id != run::kMasterId) to = run::kMasterId;
        if (!cluster_.forward(letter, to)) {
            base::log(LogLevel::Warning,
                      "a message \"{}\" of {} is dropped: there is no worker {}",
                      letter.type,
                      id,
                      to);
        }
    }
    changed_ = true;
}

void MasterMachine::on(const std::string& id, from_worker::ExceptionRaised&& exception) {
    if (const LocustMember* const member = locust(id)) gain(id, member->take(exception));
}

void MasterMachine::on(const std::string& id, from_worker::Logs&& logs) {
    if (Member* const member = cluster_.find(id)) member->replace_log(std::move(logs.lines));
}

void MasterMachine::on(const std::string& id, from_worker::WorkerLog&& log) {
    Member* const member = cluster_.find(id);
    if (member == nullptr) return;
    for (const std::string& line : log.lines) repeat_if_it_matters(id, line);
    member->note_log(std::move(log.lines));
}

void MasterMachine::on(const std::string& id, from_worker::ClientStopped&&) {
    if (LocustMember* const member = locust(id)) {
        member->on_stopped();
        changed_ = true;
    }
}

void MasterMachine::on(const std::string& id, from_worker::Quit&&) {
    unknown_make_.erase(id);
    Member* const member = cluster_.find(id);
    if (member == nullptr) return;
    const CicadaMember* const of_cicada = cicada(id);
    // The last report says so first; else it is a late word of another one with the same id.
    if (of_cicada != nullptr && !of_cicada->status().has_left) return;
    if (of_cicada != nullptr && gone_.size() < kMostIndices) {
        gone_[of_cicada->incarnation()] = of_cicada->last_report();
    }
    cluster_.remove(*member, Cluster::Farewell::Orderly);
    base::log(LogLevel::Info, "Worker {} has quit, {} workers left", id, cluster_.ready());
    changed_ = true;
}

void MasterMachine::on(const std::string& id, from_worker::Custom&& custom) {
    cluster_.deliver({.type = std::move(custom.type), .json = std::move(custom.json), .node = id});
}

void MasterMachine::on(const std::string& id, from_worker::Report&& report) {
    CicadaMember* const member = cicada(id);
    if (member == nullptr) return;
    if (auto gained = member->take(std::move(report))) {
        cluster_.on_report(*member);
        gain(id, std::move(*gained));
    }
}

void MasterMachine::on(const std::string& id, from_worker::CommandsDone&& done) {
    if (CicadaMember* const member = cicada(id)) member->on_done(done, now_.steady);
}

}  // namespace cicada::cluster
