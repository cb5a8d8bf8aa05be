// SPDX-License-Identifier: Apache-2.0
#include "user/allowance.hpp"

namespace cicada::user {

Allowance::Allowance(TicketOffice& office, const Declaration& user_class, For whom)
    : office_(office),
      whom_(whom),
      user_class_(user_class),
      class_limits_(office.of(user_class)),
      done_(office.counters_of_user(), 0) {}

Supply Allowance::of(Tickets* tickets) const {
    if (tickets == nullptr) return Supply::Now;
    const Supply supply = tickets->supply();
    if (supply == Supply::Later && whom_ == For::User) tickets->miss();
    return supply;
}

Supply Allowance::of(const OwnLimit* limit) const {
    if (limit == nullptr || done_[limit->counter] < limit->each) return Supply::Now;
    return Supply::Never;
}

Supply Allowance::iterations() const {
    const Supply shared = all_of(of(office_.whole_test()), of(class_limits_.iterations));
    return all_of(shared, of(class_limits_.per_user));
}

Supply Allowance::of(const Choice& choice) const {
    const TaskLimits& limits = office_.of(*choice.task);
    Supply supply = all_of(of(limits.executions), of(limits.requests));
    supply = all_of(supply, of(limits.per_user));
    return limits.within ? all_of(supply, anything_in(*choice.inside)) : supply;
}

Supply Allowance::anything_in(const TaskGroup& group) const {
    // A Markov chain begins with its first task, always.
    if (group.declaration->order == detail::TaskOrder::ByTransition) {
        return of(group.choices.front());
    }
    Supply best = Supply::Never;
    for (const Choice& choice : group.choices) {
        best = one_of(best, of(choice));
        if (best == Supply::Now) break;
    }
    return best;
}

Supply Allowance::left() const {
    if (!limited()) return Supply::Now;
    return all_of(iterations(), anything_in(*user_class_.tasks_to_run));
}

bool Allowance::spend(Tickets* tickets) const {
    if (tickets == nullptr) return false;
    tickets->take();
    tickets->use();
    return true;
}

bool Allowance::spend(OwnLimit* limit) {
    if (limit == nullptr) return false;
    ++done_[limit->counter];
    ++limit->done;
    return true;
}

bool Allowance::begin_iteration() {
    const bool whole = spend(office_.whole_test());
    const bool of_class = spend(class_limits_.iterations);
    return spend(class_limits_.per_user) || whole || of_class;
}

bool Allowance::begin(const Choice& choice) {
    const TaskLimits& limits = office_.of(*choice.task);
    const bool iteration = choice.inside == nullptr && begin_iteration();
    const bool of_task = spend(limits.executions);
    return spend(limits.per_user) || iteration || of_task || limits.requests != nullptr;
}

void Allowance::note_cut_off(const Task& task) {
    const auto note = [](Tickets* tickets) {
        if (tickets != nullptr) tickets->note_cut_off();
    };
    note(office_.of(task).executions);
    note(office_.whole_test());
    note(class_limits_.iterations);
}

}  // namespace cicada::user
