// SPDX-License-Identifier: Apache-2.0
#include "run/own_fibers.hpp"

#include <cicada/fiber.hpp>
#include <utility>

#include "user/listeners.hpp"
#include "user/run_sender.hpp"

namespace cicada::run {

void OwnFibers::start(std::function<void()> body, const char* label) {
    std::erase_if(fibers_, [](const fiber::Handle& one) { return one.done(); });
    fibers_.push_back(fiber::start(
        [body = std::move(body), label] {
            fiber::local() = nullptr;
            try {
                body();
            } catch (const FiberCancelled&) {
                throw;
            } catch (...) {
                user::listeners().note_exception(label);
            }
            user::RunSender::settle_mine();
        },
        {.label = label}));
}

void OwnFibers::end() {
    // A fiber that is being ended may start another.
    while (!fibers_.empty()) {
        std::vector<fiber::Handle> ending = std::exchange(fibers_, {});
        for (fiber::Handle& one : ending) one.cancel();
        for (fiber::Handle& one : ending) one.end();
    }
}

}  // namespace cicada::run
