// SPDX-License-Identifier: Apache-2.0
#include "cluster/cicada_member.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cicada::cluster {

CicadaMember::CicadaMember(std::string id,
                           std::int64_t index,
                           const std::vector<std::string>& classes)
    : Member(std::move(id), index, classes.size()), classes_(classes) {}

CicadaMember::Greeting CicadaMember::greet(const from_worker::Hello& hello,
                                           std::uint64_t reign,
                                           std::optional<std::uint64_t> known_report,
                                           base::TimePoint now) {
    test_hash_ = hello.test_hash;
    if (incarnation_ == hello.incarnation) {
        // One that has not heard our welcome yet has no command of ours.
        commands_.resume_after(hello.reign == reign ? hello.last_command : 0, now);
        return Greeting::GoesOn;
    }
    incarnation_ = hello.incarnation;
    reign_ = reign;
    complaint_ = hello.test_complaint;
    learn_classes(hello.classes);
    commands_.begin_anew();
    reports_.begin_after(known_report.value_or(hello.last_acknowledged));
    reported_ = 0;
    beat.reset();
    in_last_beat_ = 0;
    tests_before_ = hello.status.tests_begun;
    steps_before_ = hello.status.steps_done;
    tests_.clear();
    steps_asked_ = 0;
    run::EngineReport status = hello.status;
    translate(std::move(status));
    return Greeting::New;
}

void CicadaMember::learn_classes(const std::vector<std::string>& theirs) {
    theirs_.assign(classes_.size(), std::nullopt);
    ours_.assign(theirs.size(), std::nullopt);
    for (std::uint32_t index = 0; index < classes_.size(); ++index) {
        const auto found = std::find(theirs.begin(), theirs.end(), classes_[index]);
        if (found != theirs.end()) {
            const auto there = static_cast<std::uint32_t>(found - theirs.begin());
            theirs_[index] = there;
            ours_[there] = index;
        } else if (complaint_.empty()) {
            complaint_ = fmt::format("it has no user class {}", classes_[index]);
        }
    }
}

std::uint64_t CicadaMember::test_of(std::uint64_t count) const {
    if (count <= tests_before_) return 0;
    const std::uint64_t index = count - tests_before_ - 1;
    return index < tests_.size() ? tests_[index] : 0;
}

void CicadaMember::translate(run::EngineReport&& report) {
    std::vector<std::int64_t> users(classes_.size(), 0);
    for (std::size_t index = 0; index < std::min(report.users.size(), ours_.size()); ++index) {
        if (ours_[index]) users[*ours_[index]] = report.users[index];
    }
    report.users = std::move(users);
    report.steps_done -= std::min(report.steps_done, steps_before_);
    report.tests_begun = test_of(report.tests_begun);
    report.tests_ended = test_of(report.tests_ended);
    report.stops_asked = test_of(report.stops_asked);
    report.shape.reset();
    status_ = std::move(report);
}

std::optional<Gain> CicadaMember::take(from_worker::Report&& report) {
    if (report.incarnation != incarnation_ || incarnation_ == 0 || closed_) return std::nullopt;
    report_to_acknowledge_ = true;
    if (!reports_.accept(report.number)) return std::nullopt;
    Gain gain{.epoch = report.report.statistics_epoch,
              .delta = std::exchange(report.report.delta, {}),
              .machine = std::exchange(report.report.machine, {}),
              .letters = std::exchange(report.report.letters, {})};
    for (const stats::EntryDelta& entry : gain.delta.entries) reported_ += entry.counts.exchanges();
    // Before it has begun a test for us, what it measures is of one that we know nothing of.
    if (report.report.tests_begun <= tests_before_) gain.delta = {};
    translate(std::move(report.report));
    return gain;
}

void CicadaMember::note_beat(const Beat& now_said, base::TimePoint now) {
    if (beat) in_last_beat_ = now_said.started - std::min(now_said.started, beat->started);
    beat = now_said;
    beat_at = now;
}

std::uint64_t CicadaMember::take_uncertain() {
    if (!beat || closed_ || std::exchange(uncertain_taken_, true)) return 0;
    return beat->started - std::min(beat->started, reported_) + in_last_beat_;
}

void CicadaMember::on_done(const from_worker::CommandsDone& done, base::TimePoint now) {
    if (done.reign == reign_) commands_.acknowledge(done.number, now);
}

void CicadaMember::send_due(std::vector<Outgoing>& out, const run::Moment& now) {
    if (news_ && now.steady >= next_news_at_) {
        next_news_at_ = now.steady + kNewsPeriod;
        Command* const waiting = commands_.last_unsent();
        if (waiting != nullptr && std::holds_alternative<command::Tell>(*waiting)) {
            *waiting = command::Tell{*news_};
        } else if (commands_.idle()) {  // who is behind has better to do than to read news
            commands_.push(command::Tell{*news_});
        }
        news_.reset();
    }
    if (report_to_acknowledge_) {
        report_to_acknowledge_ = false;
        if (const auto number = reports_.take_acknowledgement()) {
            out.push_back({id_, from_master::ReportDone{incarnation_, *number}});
        }
    }
    if (missing) return;
    if (auto batch = commands_.due(now.steady)) {
        out.push_back({id_, from_master::Commands{reign_, batch->first, std::move(batch->items)}});
    }
}

base::TimePoint CicadaMember::next_deadline() const {
    if (report_to_acknowledge_) return base::TimePoint::min();
    if (missing) return base::TimePoint::max();
    const base::TimePoint news = news_ ? next_news_at_ : base::TimePoint::max();
    return std::min(news, commands_.next_deadline());
}

void CicadaMember::begin_test(const run::TestBegin& begin) {
    tests_.push_back(last_test_);
    commands_.push(command::BeginTest{begin});
}

void CicadaMember::take_step(run::SpawnStep step) {
    if (step.start.empty() && step.stop.empty()) return;
    for (run::PlannedUser& user : step.start) {
        user.class_index = theirs_.at(user.class_index).value_or(user.class_index);
    }
    steps_asked_ += 1;
    commands_.push(command::TakeStep{std::move(step)});
}

void CicadaMember::announce_spawned(std::int64_t users) {
    commands_.push(command::AnnounceSpawned{users});
}

void CicadaMember::reset_statistics(std::uint64_t epoch) {
    commands_.push(command::ResetStatistics{epoch});
}

void CicadaMember::tell(const run::RunNews& news) {
    news_ = news;
}

void CicadaMember::deliver(run::Letter letter) {
    commands_.push(
        command::Deliver{std::move(letter.type), std::move(letter.json), std::move(letter.node)});
}

}  // namespace cicada::cluster
