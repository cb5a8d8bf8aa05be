// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "user/task_tree.hpp"

namespace cicada::user {

class LiveUser;

/// One execution of a task, or visit of a task set, as the limits see it: it is counted when it
/// begins, and what its fibers send counts for it. Does nothing where nothing is limited.
class LimitedExecution {
public:
    LimitedExecution(LiveUser& user, const Choice& choice);
    explicit LimitedExecution(LiveUser& user);  ///< of something that is in no list
    LimitedExecution(const LimitedExecution&) = delete;
    LimitedExecution& operator=(const LimitedExecution&) = delete;
    ~LimitedExecution();

    void note_cut_off();

private:
    LiveUser& user_;
    const Task* task_ = nullptr;
    const void* outer_ = nullptr;
    bool limited_;
    bool counted_ = false;
};

}  // namespace cicada::user
