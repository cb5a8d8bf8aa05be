// SPDX-License-Identifier: Apache-2.0
#include "cicada/sync.hpp"
#include "fiber/wait.hpp"

namespace cicada {
namespace {

void on_expiry(fiber::Timer& timer) {
    auto& limit = static_cast<fiber::TimeLimit&>(timer);
    limit.expired = true;
    fiber::interrupt(*limit.owner);
}

}  // namespace

struct Timeout::Impl {
    explicit Impl(fiber::FiberState& fiber) : limit(fiber, on_expiry) {}
    fiber::TimeLimit limit;
};

Timeout::Timeout(Duration time)
    : impl_(std::make_unique<Impl>(*fiber::scheduler_of_fiber("Timeout").current())) {
    fiber::TimeLimit& limit = impl_->limit;
    limit.length = time.nanoseconds();
    limit.shields = limit.owner->shields;
    limit.outer = limit.owner->limits;
    limit.owner->limits = &limit;
    if (time != kForever) {
        fiber::this_scheduler()->timers().add(limit, fiber::now() + time.nanoseconds());
    }
}

Timeout::~Timeout() {
    fiber::TimeLimit& limit = impl_->limit;
    fiber::this_scheduler()->timers().remove(limit);
    fiber::TimeLimit** link = &limit.owner->limits;
    while (*link != &limit) link = &(*link)->outer;
    *link = limit.outer;
}

bool Timeout::expired() const {
    return impl_->limit.expired;
}

}  // namespace cicada
