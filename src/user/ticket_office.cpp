// SPDX-License-Identifier: Apache-2.0
#include "user/ticket_office.hpp"

#include <algorithm>

#include "user/allowance.hpp"

namespace cicada::user {
namespace {

constexpr const char* kWholeTest = "all tasks";

double ratio(std::int64_t done, std::int64_t total) {
    if (total == 0) return 1;
    return std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
}

std::optional<double> further(std::optional<double> one, std::optional<double> other) {
    if (!one || !other) return one ? one : other;
    return std::max(*one, *other);
}

}  // namespace

Supply supply_of(const RequestScope* scope) {
    Supply supply = Supply::Now;
    for (; scope != nullptr; scope = scope->outer) supply = all_of(supply, scope->tickets.supply());
    return supply;
}

void TicketOffice::open(const std::vector<const Declaration*>& classes,
                        std::optional<std::int64_t> iterations) {
    classes_ = classes;
    if (iterations) whole_test_ = new_tickets(kWholeTest, LimitKind::Iterations, *iterations);
    for (const Declaration* one : classes_) {
        reading_ = one;
        ClassLimits limits;
        if (one->iterations) {
            limits.iterations = new_tickets(one->name, LimitKind::Iterations, *one->iterations);
        }
        if (one->iterations_per_user) {
            limits.per_user =
                new_own(one->name, LimitKind::IterationsPerUser, *one->iterations_per_user);
        }
        class_limits_[one] = limits;
        read(*one->tasks_to_run);
    }
    limited_ = !limits_.empty();
    begin_test();
}

void TicketOffice::read(const TaskGroup& group) {
    for (const Choice& choice : group.choices) {
        read(*choice.task);
        if (choice.inside == nullptr) continue;
        read(*choice.inside);
        TaskLimits& limits = *tasks_[choice.task->number];
        limits.within = limits.within || limits_within(*choice.inside);
    }
}

void TicketOffice::read(const Task& task) {
    if (tasks_.size() <= task.number) tasks_.resize(task.number + 1);
    if (tasks_[task.number]) return;  // a task set that is used twice
    TaskLimits limits;
    if (task.limit) {
        limits.executions = new_tickets(task.label, LimitKind::Executions, *task.limit);
    }
    if (task.request_limit) {
        limits.requests = new_tickets(task.label, LimitKind::Requests, *task.request_limit);
    }
    if (task.limit_per_user) {
        limits.per_user = new_own(task.label, LimitKind::ExecutionsPerUser, *task.limit_per_user);
    }
    tasks_[task.number] = limits;
}

// The sets around a task that has become limited.
void TicketOffice::read_again(const TaskGroup& group) {
    for (const Choice& choice : group.choices) {
        if (choice.inside == nullptr) continue;
        read_again(*choice.inside);
        TaskLimits& limits = *tasks_[choice.task->number];
        limits.within = limits.within || limits_within(*choice.inside);
    }
}

namespace {

void collect(const TaskGroup& group, std::string_view label, std::vector<std::size_t>& numbers) {
    for (const Choice& choice : group.choices) {
        if (choice.task->label == label) numbers.push_back(choice.task->number);
        if (choice.inside != nullptr) collect(*choice.inside, label, numbers);
    }
}

}  // namespace

bool TicketOffice::disable(std::string_view label) {
    std::vector<std::size_t> numbers;
    for (const Declaration* one : classes_) collect(*one->tasks_to_run, label, numbers);
    if (numbers.empty()) return false;
    none_.close();
    for (const std::size_t number : numbers) tasks_[number]->executions = &none_;
    for (const Declaration* one : classes_) read_again(*one->tasks_to_run);
    limited_ = true;
    announce_change();
    return true;
}

bool TicketOffice::limits_within(const TaskGroup& group) const {
    return std::any_of(group.choices.begin(), group.choices.end(), [this](const Choice& choice) {
        const TaskLimits& limits = of(*choice.task);
        return limits.executions != nullptr || limits.requests != nullptr ||
               limits.per_user != nullptr || limits.within;
    });
}

Tickets* TicketOffice::new_tickets(const std::string& name, LimitKind kind, std::int64_t total) {
    tickets_.push_back(std::make_unique<Tickets>([this] { announce_change(); },
                                                 [this] {
                                                     if (on_need_) on_need_();
                                                 }));
    limits_.push_back({name, kind, total, tickets_.back().get(), nullptr, reading_});
    return tickets_.back().get();
}

OwnLimit* TicketOffice::new_own(const std::string& name, LimitKind kind, std::int64_t each) {
    own_.push_back(std::make_unique<OwnLimit>(OwnLimit{each, own_.size(), 0}));
    limits_.push_back({name, kind, each, nullptr, own_.back().get(), reading_});
    return own_.back().get();
}

// It stands first in the order of declaration, as if open() had known of it.
void TicketOffice::set_iterations(std::optional<std::int64_t> iterations) {
    if (whole_test_ != nullptr) limits_.erase(limits_.begin());
    whole_test_ = nullptr;
    if (iterations) {
        reading_ = nullptr;
        whole_test_ = new_tickets(kWholeTest, LimitKind::Iterations, *iterations);
        std::rotate(limits_.begin(), limits_.end() - 1, limits_.end());
    }
    limited_ = !limits_.empty();
}

void TicketOffice::begin_test(Lent lent) {
    for (const Limit& limit : limits_) {
        if (limit.own != nullptr) {
            limit.own->done = 0;
            continue;
        }
        limit.tickets->clear();
        if (lent == Lent::InBlocks) continue;
        // This process is the whole run: all tickets are here, and there are no more to come.
        limit.tickets->grant(limit.total);
        limit.tickets->close();
    }
    for (auto& [declaration, limits] : class_limits_) limits.users = 0;
}

bool TicketOffice::may_come(const Declaration& user_class) const {
    return expects_all_ || user_class.weight > 0 || user_class.fixed_count > 0 ||
           class_limits_.at(&user_class).users > 0;
}

ClassLimits& TicketOffice::of(const Declaration& user_class) {
    return class_limits_[&user_class];
}

const RequestScope* TicketOffice::scope(const RequestScope* outer, const Task& task) {
    if (!limited_) return outer;
    Tickets* const tickets = of(task).requests;
    if (tickets == nullptr) return outer;
    for (const RequestScope* one = outer; one != nullptr; one = one->outer) {
        if (&one->tickets == tickets) return outer;
    }
    std::unique_ptr<RequestScope>& place = scopes_[{outer, tickets}];
    if (place == nullptr) place = std::make_unique<RequestScope>(RequestScope{*tickets, outer});
    return place.get();
}

void TicketOffice::announce_change() {
    changed_.set();
    changed_.clear();
    if (on_change_) on_change_();
}

bool TicketOffice::nothing_left() {
    if (!limited_) return false;
    return std::all_of(classes_.begin(), classes_.end(), [this](const Declaration* one) {
        return !may_come(*one) || nothing_left(*one);
    });
}

bool TicketOffice::nothing_left(const Declaration& user_class) {
    return limited_ &&
           Allowance(*this, user_class, Allowance::For::Onlooker).left() == Supply::Never;
}

std::vector<TicketOffice::Shared> TicketOffice::shared() const {
    std::vector<Shared> shared;
    for (const Limit& limit : limits_) {
        if (limit.tickets != nullptr) shared.push_back({limit.name, limit.total, limit.tickets});
    }
    return shared;
}

std::vector<LimitProgress> TicketOffice::progress() const {
    std::vector<LimitProgress> all;
    all.reserve(limits_.size());
    for (const Limit& limit : limits_) {
        if (limit.user_class != nullptr && !may_come(*limit.user_class)) continue;
        LimitProgress one{.name = limit.name, .kind = limit.kind, .total = limit.total};
        if (limit.own != nullptr) {
            one.done = limit.own->done;
        } else {
            one.done = limit.tickets->used();
            one.cut_off = limit.tickets->cut_off();
        }
        all.push_back(std::move(one));
    }
    return all;
}

// ---- how far the limits have brought the test ---------------------------------------------------

std::optional<double> TicketOffice::part_done() const {
    if (!limited_) return std::nullopt;
    std::optional<double> least = 1.0;
    for (const Declaration* one : classes_) {
        if (!may_come(*one)) continue;
        const Part part = part_of(*one);
        if (!part) return std::nullopt;
        least = std::min(*least, *part);
    }
    return least;
}

TicketOffice::Part TicketOffice::part_of(const Declaration& user_class) const {
    const ClassLimits& limits = class_limits_.at(&user_class);
    Part part = further(part_of(whole_test_), part_of(limits.iterations));
    if (limits.per_user != nullptr) part = further(part, part_of(*limits.per_user, limits.users));
    return further(part, part_of(*user_class.tasks_to_run, limits.users));
}

// All of it has to be spent, but a Markov chain ends when its first task does.
TicketOffice::Part TicketOffice::part_of(const TaskGroup& group, std::int64_t users) const {
    if (group.declaration->order == detail::TaskOrder::ByTransition) {
        return part_of(group.choices.front(), users);
    }
    Part least = 1.0;
    for (const Choice& choice : group.choices) {
        const Part part = part_of(choice, users);
        if (!part) return std::nullopt;
        least = std::min(*least, *part);
    }
    return least;
}

TicketOffice::Part TicketOffice::part_of(const Choice& choice, std::int64_t users) const {
    const TaskLimits& limits = of(*choice.task);
    Part part = further(part_of(limits.executions), part_of(limits.requests));
    if (limits.per_user != nullptr) part = further(part, part_of(*limits.per_user, users));
    return limits.within ? further(part, part_of(*choice.inside, users)) : part;
}

TicketOffice::Part TicketOffice::part_of(const Tickets* tickets) const {
    if (tickets == nullptr) return std::nullopt;
    if (tickets == &none_) return 1.0;
    const auto limit = std::find_if(
        limits_.begin(), limits_.end(), [&](const Limit& one) { return one.tickets == tickets; });
    return ratio(tickets->used(), limit->total);
}

TicketOffice::Part TicketOffice::part_of(const OwnLimit& limit, std::int64_t users) {
    return users == 0 ? 0.0 : ratio(limit.done, limit.each * users);
}

}  // namespace cicada::user
