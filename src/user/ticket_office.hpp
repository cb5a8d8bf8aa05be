// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cicada/sync.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "user/declaration.hpp"
#include "user/limit_progress.hpp"
#include "user/task_tree.hpp"
#include "user/tickets.hpp"

namespace cicada::user {

/// A limit that each user has for itself.
struct OwnLimit {
    std::int64_t each = 0;    ///< executions
    std::size_t counter = 0;  ///< place among the counters of a user
    std::int64_t done = 0;    ///< by all users
};

/// The limits of one task. What is null is not limited.
struct TaskLimits {
    Tickets* executions = nullptr;  ///< of a task set: visits
    Tickets* requests = nullptr;
    OwnLimit* per_user = nullptr;
    bool within = false;  ///< of a task set: something in it is limited
};

/// The limits of one user class as a whole.
struct ClassLimits {
    Tickets* iterations = nullptr;
    OwnLimit* per_user = nullptr;
    std::int64_t users = 0;  ///< begun in this test
};

/// Under which request limits a fiber sends: those of its task and of the sets around it, innermost
/// first. Kept by the office as long as that lives, so that a fiber may outlive its task.
struct RequestScope {
    Tickets& tickets;
    const RequestScope* outer;
};

/// Of all limits in `scope`; null: there is none.
[[nodiscard]] Supply supply_of(const RequestScope* scope);

/// Of things that are all needed the worst counts, of a choice the best.
[[nodiscard]] inline Supply all_of(Supply one, Supply other) {
    return std::max(one, other);
}
[[nodiscard]] inline Supply one_of(Supply one, Supply other) {
    return std::min(one, other);
}

/// Every limit of a run: what the test declares of tasks and classes, and --iterations.
///
/// Threads: the engine's.
class TicketOffice {
public:
    TicketOffice() = default;
    TicketOffice(const TicketOffice&) = delete;
    TicketOffice& operator=(const TicketOffice&) = delete;

    /// Reads the limits of these classes and of the tasks they run, and begins a test. Once.
    ///
    /// Shape: `iterations`, of the whole test, is 1 or more. The classes are sealed.
    void open(const std::vector<const Declaration*>& classes,
              std::optional<std::int64_t> iterations);

    /// A load shape may start users of any class, also of those with weight 0.
    void expect_all_classes() { expects_all_ = true; }

    /// The limit of the whole test is another one, or none, from the next begin_test() on.
    void set_iterations(std::optional<std::int64_t> iterations);

    enum class Lent : std::uint8_t {
        AllAtOnce,  ///< the whole test is here
        InBlocks,   ///< what is not granted is elsewhere
    };

    /// A test begins: every limit is whole again. There are no users.
    void begin_test(Lent lent = Lent::AllAtOnce);

    /// A limit of the whole test.
    struct Shared {
        std::string name;
        std::int64_t total;
        Tickets* tickets;
    };
    /// In the order of declaration, the same on each node.
    [[nodiscard]] std::vector<Shared> shared() const;

    /// No user begins a task of that label any more, in this test or a later one; who is in it is
    /// not disturbed. False: there is no such task.
    bool disable(std::string_view label);

    /// Something is limited; if nothing is, nobody has to ask for anything.
    [[nodiscard]] bool limited() const { return limited_; }

    [[nodiscard]] const TaskLimits& of(const Task& task) const { return *tasks_[task.number]; }
    [[nodiscard]] ClassLimits& of(const Declaration& user_class);
    [[nodiscard]] Tickets* whole_test() const { return whole_test_; }
    [[nodiscard]] std::size_t counters_of_user() const { return own_.size(); }

    /// Where `task` runs within `outer`; the same for the same pair.
    [[nodiscard]] const RequestScope* scope(const RequestScope* outer, const Task& task);

    /// Waits until a ticket has come (back) somewhere or some limit is spent. Suspends.
    void wait_for_change() { changed_.wait(); }

    /// Called at each such change: users that wait for their next turn may have nothing left.
    void on_change(std::function<void()> callback) { on_change_ = std::move(callback); }

    /// Called when tickets of some limit are needed from elsewhere.
    void on_need(std::function<void()> callback) { on_need_ = std::move(callback); }

    /// A user of that class begins.
    void note_user(const Declaration& user_class) { ++of(user_class).users; }

    /// No user that came now would have anything to do, of no class that may come.
    [[nodiscard]] bool nothing_left();
    [[nodiscard]] bool nothing_left(const Declaration& user_class);

    /// In the order of declaration, the whole test's first; of classes that may come.
    [[nodiscard]] std::vector<LimitProgress> progress() const;

    /// From 0 to 1; nothing: the limits do not end the test, as something is not limited.
    [[nodiscard]] std::optional<double> part_done() const;

private:
    struct Limit {
        std::string name;
        LimitKind kind;
        std::int64_t total;
        Tickets* tickets;  ///< null: per user
        OwnLimit* own;
        const Declaration* user_class;  ///< that has it first; null: the whole test
    };

    [[nodiscard]] bool may_come(const Declaration& user_class) const;
    void read(const TaskGroup& group);
    void read(const Task& task);
    void read_again(const TaskGroup& group);
    [[nodiscard]] bool limits_within(const TaskGroup& group) const;
    Tickets* new_tickets(const std::string& name, LimitKind kind, std::int64_t total);
    OwnLimit* new_own(const std::string& name, LimitKind kind, std::int64_t each);
    void announce_change();

    using Part = std::optional<double>;
    [[nodiscard]] Part part_of(const Declaration& user_class) const;
    [[nodiscard]] Part part_of(const TaskGroup& group, std::int64_t users) const;
    [[nodiscard]] Part part_of(const Choice& choice, std::int64_t users) const;
    [[nodiscard]] Part part_of(const Tickets* tickets) const;
    [[nodiscard]] static Part part_of(const OwnLimit& limit, std::int64_t users);

    std::vector<const Declaration*> classes_{};
    std::vector<std::optional<TaskLimits>> tasks_{};  ///< by number; nothing: not run
    std::unordered_map<const Declaration*, ClassLimits> class_limits_{};
    std::vector<Limit> limits_{};
    std::vector<std::unique_ptr<Tickets>> tickets_{};
    Tickets none_{[] {}};  ///< of tasks that are disabled
    std::vector<std::unique_ptr<OwnLimit>> own_{};
    std::map<std::pair<const RequestScope*, const Tickets*>, std::unique_ptr<RequestScope>>
        scopes_{};
    Tickets* whole_test_ = nullptr;
    const Declaration* reading_ = nullptr;
    bool limited_ = false;
    bool expects_all_ = false;
    Event changed_{};
    std::function<void()> on_change_{};
    std::function<void()> on_need_{};
};

}  // namespace cicada::user
