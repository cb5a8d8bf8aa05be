// SPDX-License-Identifier: Apache-2.0
// What include/cicada/fiber.hpp declares.
#include <algorithm>
#include <memory>
#include <unordered_map>
#include <utility>

#include "cicada/fiber.hpp"
#include "fiber/hooks.hpp"
#include "fiber/scheduler.hpp"

namespace cicada {
namespace {

fiber::Hooks hooks;

void run_to_end(detail::Callable& body) {
    const auto at_end = [] {
        if (hooks.at_end != nullptr) hooks.at_end(fiber::local());
    };
    try {
        body.call();
    } catch (...) {
        at_end();
        throw;
    }
    at_end();
}

}  // namespace

void fiber::set_hooks(const Hooks& new_hooks) {
    hooks = new_hooks;
}

struct Fiber::Impl {
    Impl() = default;
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl() { leave_owner(); }

    void belong_to(void* local);
    void leave_owner();

    void* owner = nullptr;
    fiber::Handle handle;
};

namespace {

/// The fibers of this thread's users, by user: who ends takes its own along.
thread_local std::unordered_multimap<void*, fiber::Handle*> spawned;

}  // namespace

void Fiber::Impl::belong_to(void* local) {
    if (local == nullptr) return;
    owner = local;
    spawned.emplace(owner, &handle);
}

void Fiber::Impl::leave_owner() {
    if (owner == nullptr) return;
    const auto [first, last] = spawned.equal_range(std::exchange(owner, nullptr));
    const auto mine =
        std::find_if(first, last, [&](auto& entry) { return entry.second == &handle; });
    if (mine != last) spawned.erase(mine);
}

void fiber::cancel_spawned_of(void* local, nanoseconds drain) {
    const auto [first, last] = spawned.equal_range(local);
    for (auto one = first; one != last; ++one) one->second->cancel(drain);
}

void fiber::end_spawned_of(void* local) {
    for (auto one = spawned.find(local); one != spawned.end(); one = spawned.find(local)) {
        Handle& handle = *one->second;
        spawned.erase(one);
        handle.end();
    }
}

Fiber::Fiber() noexcept = default;
Fiber::Fiber(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Fiber::Fiber(Fiber&& other) noexcept = default;
Fiber& Fiber::operator=(Fiber&& other) noexcept = default;
Fiber::~Fiber() = default;

void Fiber::join() {
    if (impl_ == nullptr) return;
    const std::unique_ptr<Impl> joined = std::move(impl_);
    joined->handle.join();
}

void Fiber::cancel() {
    if (impl_ != nullptr) impl_->handle.cancel();
}

void sleep(Duration time) {
    if (hooks.before_sleep != nullptr && fiber::in_fiber()) hooks.before_sleep(fiber::local());
    fiber::sleep_for(time.nanoseconds());
}

Fiber start_fiber(std::unique_ptr<detail::Callable> body) {
    auto impl = std::make_unique<Fiber::Impl>();
    const std::shared_ptr<detail::Callable> shared(std::move(body));  // std::function copies
    // To the watchdog, and to a person, it is a part of the task that spawned it.
    const char* const label = fiber::in_fiber() ? fiber::label() : "";
    impl->handle = fiber::start([shared] { run_to_end(*shared); }, {.label = label});
    if (fiber::in_fiber()) impl->belong_to(fiber::local());
    return Fiber(std::move(impl));
}

}  // namespace cicada
