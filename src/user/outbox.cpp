// SPDX-License-Identifier: Apache-2.0
#include "user/outbox.hpp"

#include <algorithm>
#include <cicada/event_types.hpp>
#include <exception>
#include <memory>
#include <utility>

#include "fiber/scheduler.hpp"
#include "stats/recorder.hpp"
#include "user/environment.hpp"
#include "user/listeners.hpp"

namespace cicada::user {
namespace {

/// The part of a response time in which this program, and not the server, let the user wait.
nanoseconds generator_share(const http::ClockPoints& times) {
    const nanoseconds none{};
    const bool submitted = times.submitted >= times.called;
    const bool completed = times.completed >= times.called;
    return (submitted ? times.submitted - times.called : none) +
           (completed ? std::max(times.resumed - times.completed, none) : none);
}

void record(const SentRequest& sent, stats::Recorder& recorder) {
    const http::ClockPoints& times = sent.exchange.times();
    const http::WireCounts& counts = sent.exchange.counts();
    const std::string_view failure = sent.failure();
    recorder.record(sent.method,
                    sent.name(),
                    {.completed = std::max(times.completed, times.called),
                     .response_time = std::max(times.resumed - times.called, nanoseconds{}),
                     .generator_share = generator_share(times),
                     .bytes = sent.exchange.body_size(),
                     .failed = !failure.empty(),
                     .error = failure,
                     .exchanges = {.sent = counts.exchanges > counts.redirects + counts.resends,
                                   .redirects = counts.redirects,
                                   .resends = counts.resends}});
}

void announce(SentRequest& sent, const stats::Recorder& recorder) {
    const Response response = sent.response();
    const std::string url = sent.exchange.url();
    const http::ClockPoints& times = sent.exchange.times();
    const RequestEvent event{
        .type = sent.method,
        .name = sent.name(),
        .url = url,
        .response_time = times.resumed - times.called,
        .response_length = static_cast<std::int64_t>(sent.exchange.body_size()),
        .failure = sent.failure(),
        .response = &response,
        .context = sent.context,
        .start_time = recorder.wall(times.called),
    };
    listeners().fire_to_user(EventKind::Request, &event);
}

/// Says who calls listeners, while it lives.
class Turn {
public:
    explicit Turn(const void*& owner) : owner_(owner) { owner_ = this_fiber(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() { owner_ = nullptr; }

private:
    const void*& owner_;
};

struct Release {
    void operator()(SentRequest* sent) const { sent->release(); }
};

}  // namespace

const void* this_fiber() {
    return fiber::in_fiber() ? &fiber::local() : nullptr;
}

Outbox::~Outbox() {
    settle_all();
    while (settled_first_ != nullptr) {
        SentRequest& sent = *settled_first_;
        settled_first_ = sent.next_;
        sent.release();
    }
}

void Outbox::add(SentRequest& sent) {
    if (arrival_ != nullptr) {
        const http::ClockPoints& times = sent.exchange.times();
        arrival_->note_answer(times.called, times.resumed);
    }
    sent.outbox_ = this;
    sent.fiber_ = &fiber::local();
    sent.exceptions_before_ = std::uncaught_exceptions();
    sent.next_ = pending_;
    pending_ = &sent;
}

void Outbox::settle(SentRequest& sent) noexcept {
    if (sent.settled_) return;
    SentRequest** link = &pending_;
    while (*link != &sent) link = &(*link)->next_;
    *link = std::exchange(sent.next_, nullptr);

    record(sent, environment_.recorder);
    sent.settled_ = true;
    sent.outbox_ = nullptr;
    if (!sent.announced || !listeners().heard(EventKind::Request)) {
        sent.release();
        return;
    }
    (settled_first_ == nullptr ? settled_first_ : settled_last_->next_) = &sent;
    settled_last_ = &sent;
}

void Outbox::let_go_of(SentRequest& sent) noexcept {
    if (sent.settled_ || std::uncaught_exceptions() > sent.exceptions_before_) return;
    sent.outbox_->settle(sent);
}

void Outbox::settle_mine() noexcept {
    const void* const fiber = this_fiber();
    for (SentRequest* sent = pending_; sent != nullptr;) {
        SentRequest* const next = sent->next_;
        if (sent->fiber_ == fiber) settle(*sent);
        sent = next;
    }
}

void Outbox::settle_all() noexcept {
    while (pending_ != nullptr) settle(*pending_);
}

void Outbox::fail_mine(std::string_view why) noexcept {
    const void* const fiber = this_fiber();
    for (SentRequest* sent = pending_; sent != nullptr; sent = sent->next_) {
        if (sent->fiber_ == fiber) sent->fail_by_exception(why);
    }
}

bool Outbox::announces() const {
    return announcing_ == nullptr || announcing_ != this_fiber();
}

void Outbox::announce_all() {
    if (announcing_ != nullptr) return;  // a listener has sent a request, or suspended its user
    const Turn turn(announcing_);
    while (settled_first_ != nullptr) {
        SentRequest& sent = *settled_first_;
        settled_first_ = std::exchange(sent.next_, nullptr);
        const std::unique_ptr<SentRequest, Release> release(&sent);
        announce(sent, environment_.recorder);
    }
}

}  // namespace cicada::user
