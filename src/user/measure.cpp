// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cicada/event_types.hpp>
#include <cicada/measure.hpp>
#include <cicada/sync.hpp>
#include <exception>
#include <stdexcept>

#include "fiber/scheduler.hpp"
#include "user/listeners.hpp"
#include "user/live_user.hpp"
#include "user/signals.hpp"

namespace cicada::detail {
namespace {

void record(user::LiveUser& user,
            std::string_view type,
            std::string_view name,
            const Measurement& measured,
            base::TimePoint called) {
    stats::Recorder& recorder = user.environment().recorder;
    const base::TimePoint completed = fiber::now();
    user.note_answer(called, completed);
    recorder.record(type,
                    name,
                    {.completed = completed,
                     .response_time = completed - called,
                     .bytes = static_cast<std::uint64_t>(std::max(measured.size, std::int64_t{})),
                     .failed = !measured.failure.empty(),
                     .error = measured.failure,
                     .exchanges = {.sent = false}});
    if (!user.outbox().announces()) return;
    static const Fields no_context;
    const RequestEvent event{.type = type,
                             .name = name,
                             .url = {},
                             .response_time = completed - called,
                             .response_length = measured.size,
                             .failure = measured.failure,
                             .response = nullptr,
                             .context = no_context,
                             .start_time = recorder.wall(called)};
    user::listeners().fire_to_user(user::EventKind::Request, &event);
}

}  // namespace

Verdict measure(std::string_view type, std::string_view name, MeasuredCall call) {
    user::LiveUser* const user = user::LiveUser::current();
    if (user == nullptr) {
        throw std::logic_error(
            fmt::format("measure(\"{}\", \"{}\") works in the fibers of a user alone", type, name));
    }
    user->before_suspending();
    user::RequestTicket ticket(*user, user::RequestTicket::For::Call);
    if (ticket.refused()) return Verdict::Failed;
    const base::TimePoint called = fiber::now();
    Measurement measured;
    try {
        call.run(call.call, measured);
    } catch (const TimeoutExpired& expired) {
        measured.failure = expired.what();
        ticket.use();
        record(*user, type, name, measured, called);
        throw;
    } catch (const std::exception&) {
        measured.failure = user::thrown_now().summary();
    }
    ticket.use();
    record(*user, type, name, measured, called);
    return measured.failure.empty() ? Verdict::Passed : Verdict::Failed;
}

}  // namespace cicada::detail
