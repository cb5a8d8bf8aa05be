// SPDX-License-Identifier: Apache-2.0
// What include/cicada/sync.hpp declares, but for Timeout.
#include "cicada/sync.hpp"

#include <algorithm>
#include <deque>
#include <stdexcept>

#include "base/expects.hpp"
#include "fiber/wait.hpp"

namespace cicada {
namespace {

/// Fibers that wait for the same thing, first come, first served.
class Waiters {
public:
    struct Ticket {
        fiber::FiberState* fiber = nullptr;
        bool granted = false;
    };

    /// Waits until granted. A grant that has come counts, even if the wait is interrupted
    /// meanwhile.
    void wait(const char* call) {
        fiber::Scheduler::Impl& scheduler = fiber::scheduler_of_fiber(call);
        Ticket ticket{scheduler.current()};
        tickets_.push_back(&ticket);
        fiber::park_until(
            scheduler, [&] { return ticket.granted; }, [&] { std::erase(tickets_, &ticket); });
    }

    bool grant_first() {
        if (tickets_.empty()) return false;
        Ticket& ticket = *tickets_.front();
        tickets_.pop_front();
        ticket.granted = true;
        fiber::this_scheduler()->make_runnable(*ticket.fiber);
        return true;
    }

    void grant_all() {
        while (grant_first()) {
        }
    }

    [[nodiscard]] bool empty() const { return tickets_.empty(); }

private:
    std::deque<Ticket*> tickets_;
};

void suspension_point(const char* call) {
    fiber::throw_if_interrupted(*fiber::scheduler_of_fiber(call).current());
}

}  // namespace

struct Semaphore::Impl {
    std::int64_t permits = 0;
    Waiters waiters{};
};

Semaphore::Semaphore(std::int64_t permits) : impl_(new Impl{permits}) {
    if (permits < 0) throw std::invalid_argument("Semaphore: the number of permits is negative");
}
Semaphore::~Semaphore() = default;

void Semaphore::acquire() {
    suspension_point("Semaphore::acquire");
    if (impl_->permits > 0) {
        --impl_->permits;
        return;
    }
    impl_->waiters.wait("Semaphore::acquire");
}

void Semaphore::release(std::int64_t permits) {
    for (std::int64_t i = 0; i < permits; ++i) {
        if (!impl_->waiters.grant_first()) ++impl_->permits;
    }
}

struct Event::Impl {
    bool set = false;
    Waiters waiters{};
};

Event::Event() : impl_(std::make_unique<Impl>()) {}
Event::~Event() = default;

void Event::set() {
    impl_->set = true;
    impl_->waiters.grant_all();
}

void Event::clear() {
    impl_->set = false;
}

bool Event::is_set() const {
    return impl_->set;
}

void Event::wait() {
    suspension_point("Event::wait");
    if (!impl_->set) impl_->waiters.wait("Event::wait");
}

struct Mutex::Impl {
    const fiber::FiberState* owner = nullptr;
    Waiters waiters{};
};

Mutex::Mutex() : impl_(std::make_unique<Impl>()) {}
Mutex::~Mutex() = default;

void Mutex::lock() {
    suspension_point("Mutex::lock");
    const fiber::FiberState* self = fiber::this_scheduler()->current();
    if (impl_->owner == self) throw std::logic_error("Mutex::lock: this fiber holds it already");
    if (impl_->owner != nullptr) impl_->waiters.wait("Mutex::lock");  // unlock() leaves it locked
    impl_->owner = self;
}

void Mutex::unlock() {
    if (!impl_->waiters.grant_first()) impl_->owner = nullptr;
}

namespace detail {

struct ChannelGate::Impl {
    std::size_t capacity = 0;
    std::size_t first = 0;  ///< slot of the oldest item
    std::size_t filled = 0;
    bool closed = false;
    Waiters senders{};
    Waiters receivers{};
};

ChannelGate::ChannelGate(std::size_t capacity) : impl_(new Impl{capacity}) {
    if (capacity == 0) throw std::invalid_argument("Channel: the capacity is at least 1");
}
ChannelGate::~ChannelGate() = default;

// Between await_room and item_added, as between await_item and item_taken, the caller does not
// suspend: it only moves the item.
std::size_t ChannelGate::await_room() {
    suspension_point("Channel::send");
    Impl& gate = *impl_;
    while (gate.filled == gate.capacity && !gate.closed) gate.senders.wait("Channel::send");
    if (gate.closed) throw std::logic_error("Channel::send: the channel is closed");
    return (gate.first + gate.filled) % gate.capacity;
}

void ChannelGate::item_added() {
    ++impl_->filled;
    impl_->receivers.grant_first();
}

std::optional<std::size_t> ChannelGate::await_item() {
    suspension_point("Channel::receive");
    Impl& gate = *impl_;
    while (gate.filled == 0 && !gate.closed) gate.receivers.wait("Channel::receive");
    if (gate.filled == 0) return std::nullopt;
    return gate.first;
}

void ChannelGate::item_taken() {
    Impl& gate = *impl_;
    gate.first = (gate.first + 1) % gate.capacity;
    --gate.filled;
    gate.senders.grant_first();
    if (gate.filled > 0) gate.receivers.grant_first();
}

void ChannelGate::close() {
    impl_->closed = true;
    impl_->senders.grant_all();
    impl_->receivers.grant_all();
}

}  // namespace detail
}  // namespace cicada
