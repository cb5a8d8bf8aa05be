// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "user/declaration.hpp"
#include "user/task_tree.hpp"
#include "user/ticket_office.hpp"

namespace cicada::user {

/// What one user may still do under the limits of the test and its own.
///
/// An execution counts from the moment it begins, however it ends; since nothing suspends between
/// asking and begin(), what was open is still to be had. A visit of a task set is no iteration, an
/// execution inside it is.
class Allowance {
public:
    enum class For : std::uint8_t {
        User,  ///< who would take what there is: tickets that are missing are asked for
        Onlooker,
    };

    /// Of a user of that class, with the number of executions 0.
    Allowance(TicketOffice& office, const Declaration& user_class, For whom = For::User);

    /// False: nothing need be asked, nor counted.
    [[nodiscard]] bool limited() const { return !lifted_ && office_.limited(); }

    /// Nothing is limited for this user.
    void lift() { lifted_ = true; }

    /// Of anything: the iterations of the whole test, of the class and of this user.
    [[nodiscard]] Supply iterations() const;

    /// Of one task; of a task set also: whether there is anything to do in it.
    [[nodiscard]] Supply of(const Choice& choice) const;

    /// Of something in a user class, or in a task set that is about to be entered.
    [[nodiscard]] Supply anything_in(const TaskGroup& group) const;

    /// Of a user of that class altogether. Never: it has nothing left.
    [[nodiscard]] Supply left() const;

    /// Counts an execution of `choice`, or a visit if it is a set: takes its ticket of each limit.
    ///
    /// Shape: of(choice) is Now and, but for a visit, iterations() too.
    /// Returns: some limit counts it.
    bool begin(const Choice& choice);

    /// Counts an execution of something that is in no list.
    bool begin_iteration();

    /// The execution of `task` that was begun has been cut off.
    void note_cut_off(const Task& task);

private:
    [[nodiscard]] Supply of(Tickets* tickets) const;
    [[nodiscard]] Supply of(const OwnLimit* limit) const;
    bool spend(Tickets* tickets) const;
    bool spend(OwnLimit* limit);

    TicketOffice& office_;
    bool lifted_ = false;
    For whom_;
    const Declaration& user_class_;
    ClassLimits& class_limits_;
    std::vector<std::int64_t> done_;  ///< of the limits per user
};

}  // namespace cicada::user
