// SPDX-License-Identifier: Apache-2.0
// What include/cicada/fiber.hpp declares.
#include <memory>
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
    fiber::Handle handle;
};

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
    impl->handle = fiber::start([shared] { run_to_end(*shared); });
    return Fiber(std::move(impl));
}

}  // namespace cicada
