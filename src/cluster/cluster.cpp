// SPDX-License-Identifier: Apache-2.0
#include "cluster/cluster.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/later.hpp"
#include "base/log.hpp"
#include "cluster/report_sum.hpp"

namespace cicada::cluster {

using base::LogLevel;

Cluster::Cluster(run::EngineLink& own, const ClusterOptions& options)
    : own_(own), options_(options), placement_(options.classes.size()), desk_(options.lease) {}

Placement::Slot Cluster::slot_of(const Member& member) {
    return static_cast<Placement::Slot>(member.index());
}

bool Cluster::takes_part(const Member& member) {
    return !member.missing && !member.withdraws && member.complaint().empty();
}

Member* Cluster::find(const std::string& id) {
    const auto found = std::find_if(
        members_.begin(), members_.end(), [&id](const auto& member) { return member->id() == id; });
    return found == members_.end() ? nullptr : found->get();
}

std::size_t Cluster::ready() const {
    return static_cast<std::size_t>(std::count_if(
        members_.begin(), members_.end(), [](const auto& member) { return takes_part(*member); }));
}

template <class Ask>
void Cluster::for_each(Ask ask) {
    for (const auto& member : members_) {
        if (member->complaint().empty()) ask(*member);
    }
}

void Cluster::add(std::unique_ptr<Member> member) {
    members_.push_back(std::move(member));
    Member& added = *members_.back();
    if (!added.complaint().empty()) return;
    for (const std::string& label : disabled_) added.disable_task(label);
    if (begin_) enter_test(added);
    place(added, false);
}

void Cluster::enter_test(Member& member) {
    member.enter(tests_);
    run::TestBegin begin = *begin_;
    begin.first_guest = run::TestBegin::kFirstGuest * ++entries_;
    begin.worker_index = static_cast<int>(member.index());
    begin.worker_count = std::max(static_cast<int>(members_.size()), *begin.worker_index + 1);
    member.begin_test(begin);
    if (const auto holder = member.holder()) desk_.add(*holder, member);
    if (paused_) member.pause();
}

void Cluster::place(Member& member, bool again) {
    const Placement::Slot slot = slot_of(member);
    if (slot >= by_slot_.size()) by_slot_.resize(slot + std::size_t{1});
    by_slot_[slot] = &member;
    if (again) {
        run::SpawnStep excess = placement_.come_back(slot, member.id());
        if (!excess.stop.empty()) member.take_step(std::move(excess));
    } else {
        placement_.join(slot, member.id());
    }
    balance(placement_.nodes() == 1);  // who is the only one takes what the others had
}

void Cluster::balance(bool in_any_case) {
    if (begin_ && (in_any_case || ramping_ || options_.rebalance)) placement_.rebalance();
}

void Cluster::lose(Member& member) {
    if (member.missing) return;
    member.missing = true;
    const auto holder = member.holder();
    if (holder && member.takes_part(tests_)) {
        desk_.lose(*holder, LeaseDesk::LastWords::Awaited, now_.steady);
    }
    if (!placement_.present(slot_of(member))) return;
    placement_.leave(slot_of(member));
    balance(false);
}

void Cluster::find_again(Member& member) {
    if (!member.missing) return;
    member.missing = false;
    const auto holder = member.holder();
    if (holder && member.takes_part(tests_)) desk_.find_again(*holder, member, now_.steady);
    if (!takes_part(member)) return;
    if (begin_ && !member.takes_part(tests_)) enter_test(member);
    place(member, true);
}

void Cluster::withdraw(Member& member) {
    if (member.withdraws) return;
    member.withdraws = true;
    if (!placement_.present(slot_of(member))) return;
    placement_.leave(slot_of(member));
    balance(false);
}

void Cluster::remove(Member& member, Farewell farewell) {
    lose(member);
    const auto holder = member.holder();
    if (farewell == Farewell::Orderly && holder && member.takes_part(tests_)) {
        desk_.settle(*holder, now_.steady);
    }
    if (farewell == Farewell::None && holder && member.takes_part(tests_)) {
        desk_.lose(*holder, LeaseDesk::LastWords::None, now_.steady);
    }
    if (farewell == Farewell::Mistaken) balance(true);
    keep_of(member);
    const auto slot = slot_of(member);
    if (slot < by_slot_.size()) by_slot_[slot] = nullptr;
    std::erase_if(members_, [&member](const auto& one) { return one.get() == &member; });
}

void Cluster::settle(Member& member, const run::EngineReport& last_words) {
    const auto holder = member.holder();
    lose(member);
    if (!holder || !member.takes_part(tests_)) return;
    const bool of_this_test = last_words.lease_round == round();
    desk_.settle(
        *holder, of_this_test ? last_words.leases : std::vector<run::LeaseAccount>{}, now_.steady);
}

void Cluster::disable_task(std::string label) {
    for_each([&label](Member& member) { member.disable_task(label); });
    disabled_.push_back(std::move(label));
}

void Cluster::keep_of(const Member& member) {
    add_work(gone_, member.status());
    for (run::ArrivalProgress& arrivals : gone_.arrivals) {
        arrivals.users = 0;
        arrivals.busy = 0;
        arrivals.max_users = 0;
        arrivals.more_to_come = false;
    }
}

void Cluster::hand_out(std::vector<Placement::Share> shares) {
    for (Placement::Share& share : shares) {
        by_slot_[share.slot]->take_step(std::move(share.step));
    }
}

void Cluster::move(std::int64_t most) {
    if (begin_) hand_out(placement_.move(most));
}

void Cluster::on_report(const Member& member) {
    if (const auto holder = member.holder()) {
        desk_.on_report(*holder, member.status(), now_.steady);
    }
}

void Cluster::on_time() {
    if (begin_) desk_.on_time(now_.steady);
}

void Cluster::on_own_report(run::EngineReport&& report) {
    own_report_ = std::move(report);
    desk_.on_report(LeaseDesk::kOwnEngine, own_report_, now_.steady);
    own_report_.limits.clear();  // nobody lives here
    own_report_.arrivals.clear();
}

void Cluster::warn_of_limits(const Member& member) {
    if (own_report_.leases.empty() || std::exchange(locust_warned_, true)) return;
    base::log(LogLevel::Warning,
              "worker {} is made for Locust: it keeps none of the test's limits, unique rows and "
              "arrivals",
              member.id());
}

bool Cluster::some_are_missing() const {
    if (begin_ && !placement_.settled()) return true;
    return std::any_of(members_.begin(), members_.end(), [this](const auto& member) {
        return member->missing && member->takes_part(tests_) &&
               now_.steady - member->heard_at < Member::kForgottenAfter;
    });
}

run::EngineReport Cluster::merged() {
    run::EngineReport sum = own_report_;
    sum.users.assign(options_.classes.size(), 0);
    sum.user_count = 0;
    add_work(sum, gone_);
    const bool patient = now_.steady < patience_ends_;
    bool begun = own_report_.tests_begun == tests_;
    bool ended = own_report_.tests_ended == tests_;
    bool stepped = true;
    bool left = own_report_.has_left;
    std::size_t workers = 0;
    std::size_t with_nothing_left = 0;
    for (const auto& member : members_) {
        const run::EngineReport& status = member->status();
        add_work(sum, status);
        if (member->missing || !member->complaint().empty()) continue;
        if (patient) left = left && status.has_left;
        if (!member->takes_part(tests_)) continue;
        if (!member->withdraws) workers += 1;
        if (status.nothing_left && !member->withdraws) with_nothing_left += 1;
        begun = begun && status.tests_begun == tests_;
        if (patient) ended = ended && status.tests_ended == tests_;
        stepped = stepped && status.steps_done >= member->steps_asked();
        for (std::size_t index = 0; index < sum.users.size(); ++index) {
            sum.users[index] += status.users[index];
        }
        sum.user_count += status.user_count;
        if (!member->holder()) warn_of_limits(*member);
        for (const std::string& why : status.cannot_go_on) {
            sum.cannot_go_on.push_back(fmt::format("worker {}: {}", member->id(), why));
        }
    }
    if (begun && tests_begun_ != tests_) {  // who joins later does not make it undone
        tests_begun_ = tests_;
        if (begin_) desk_.begin_arrivals(now_.steady);
    }
    sum.tests_begun = tests_begun_;
    const bool all_ended = !begin_ && ended;
    sum.tests_ended = all_ended || tests_ == 0 ? tests_ : tests_ - 1;
    sum.steps_done = stepped || steps_ == 0 ? steps_ : steps_ - 1;
    sum.has_left = leaving_ && left;
    sum.nothing_left = workers > 0 && with_nothing_left == workers;
    desk_.add_uncertain(sum);
    if (!desk_.complaint().empty()) sum.cannot_go_on.push_back(desk_.complaint());
    return sum;
}

void Cluster::send_due(std::vector<Outgoing>& out) {
    for (const auto& member : members_) member->send_due(out, now_);
}

base::TimePoint Cluster::next_deadline() const {
    const base::TimePoint leases = begin_ ? desk_.next_deadline() : base::TimePoint::max();
    base::TimePoint deadline =
        patience_ends_ > now_.steady ? patience_ends_ : base::TimePoint::max();
    deadline = std::min(deadline, leases);
    for (const auto& member : members_) deadline = std::min(deadline, member->next_deadline());
    return deadline;
}

bool Cluster::forward(const run::Letter& letter, const std::string& to) {
    if (to == run::kMasterId) {
        own_.deliver(letter);
    } else if (to.empty()) {
        for_each([&letter](Member& member) { member.deliver(letter); });
    } else if (Member* const member = find(to)) {
        member->deliver(letter);
    } else {
        return false;
    }
    return true;
}

void Cluster::begin_test(const run::TestBegin& begin) {
    tests_ += 1;
    begin_ = begin;
    begin_->seed = options_.seed;
    begin_->lease_round = round();
    begin_->iterations = options_.iterations;
    desk_.begin_test(begin_->lease_round);
    paused_ = false;
    gone_ = {};
    entries_ = 0;
    locust_warned_ = false;
    patience_ends_ = base::TimePoint::max();
    placement_.clear();
    own_.begin_test(*begin_);
    desk_.add(LeaseDesk::kOwnEngine, own_);
    for_each([this](Member& member) {
        if (!member.missing) enter_test(member);
    });
}

void Cluster::take_step(run::SpawnStep step) {
    steps_ += 1;
    std::vector<Placement::Share> shares = placement_.deal(step);
    std::vector<bool> has_share(by_slot_.size(), false);
    for (const Placement::Share& share : shares) has_share[share.slot] = true;
    hand_out(std::move(shares));
    // Each worker made for Locust is told of each step: with the first the test begins for it.
    for_each([&has_share](Member& member) {
        if (takes_part(member) && !has_share[slot_of(member)]) member.take_step({});
    });
}

void Cluster::pause() {
    paused_ = true;
    desk_.pause(now_.steady);
    own_.pause();
    for_each([](Member& member) { member.pause(); });
}

void Cluster::resume() {
    paused_ = false;
    desk_.resume(now_.steady);
    own_.resume();
    for_each([](Member& member) { member.resume(); });
}

void Cluster::announce_spawned(std::int64_t users) {
    own_.announce_spawned(users);
    for_each([users](Member& member) { member.announce_spawned(users); });
}

void Cluster::end_test() {
    begin_.reset();
    patience_ends_ = base::later(now_.steady, options_.stop_timeout + kStopPatience);
    own_.end_test();
    for_each([this](Member& member) {
        if (member.takes_part(tests_)) member.end_test();
    });
}

void Cluster::reset_statistics(std::uint64_t epoch) {
    if (begin_) begin_->statistics_epoch = epoch;
    own_.reset_statistics(epoch);
    for_each([epoch](Member& member) { member.reset_statistics(epoch); });
}

void Cluster::tell(const run::RunNews& news) {
    own_.tell(news);
    for_each([&news](Member& member) { member.tell(news); });
}

void Cluster::leave() {
    leaving_ = true;
    patience_ends_ = base::later(now_.steady, options_.stop_timeout + kLeavePatience);
    own_.leave();
    for (const auto& member : members_) member->leave();
}

}  // namespace cicada::cluster
