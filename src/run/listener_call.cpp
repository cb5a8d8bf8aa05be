// SPDX-License-Identifier: Apache-2.0
#include "run/listener_call.hpp"

#include <fmt/format.h>

#include <string>

#include "base/log.hpp"
#include "base/time_span.hpp"
#include "user/run_sender.hpp"

namespace cicada::run {

ListenerCall::Outcome ListenerCall::make(user::EventKind kind, const void* event) {
    if (!user::listeners().heard(kind)) return Outcome::Returned;
    Outcome outcome = Outcome::Returned;
    listeners_ = fiber::start(
        [&] {
            user::listeners().fire(kind, event);
            user::RunSender::settle_mine();
        },
        {.label = user::name_of(kind)});
    {
        const fiber::Handle clock = fiber::start([&] {
            fiber::sleep_for(limit_);
            outcome = Outcome::TooLate;
            listeners_.cancel();
        });
        listeners_.join();
    }
    listeners_ = {};
    if (outcome == Outcome::TooLate) {
        user::listeners().note_failure();
        base::log(base::LogLevel::Error, "{}", complaint(kind));
    }
    return outcome;
}

std::string ListenerCall::complaint(user::EventKind kind) const {
    return fmt::format("the listeners of {} have not returned within {} (--listener-timeout)",
                       user::name_of(kind),
                       base::format_time_span(limit_));
}

}  // namespace cicada::run
