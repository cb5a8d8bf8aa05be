// SPDX-License-Identifier: Apache-2.0
#include <cicada/runner.hpp>
#include <memory>
#include <stdexcept>
#include <utility>

#include "run/engine.hpp"

namespace cicada {
namespace {

run::Engine& engine() {
    run::Engine* const current = run::Engine::current();
    if (current == nullptr) {
        throw std::logic_error(
            "runner() can be asked in tasks and listeners only, while the program runs a test");
    }
    return *current;
}

Runner::State public_state(run::State state) {
    switch (state) {
        case run::State::Spawning:
            return Runner::State::Spawning;
        case run::State::Running:
            return Runner::State::Running;
        case run::State::Cleanup:
            return Runner::State::Cleanup;
        case run::State::Stopping:
            return Runner::State::Stopping;
        case run::State::Stopped:
            return Runner::State::Stopped;
        case run::State::Ready:
        case run::State::Missing:
            return Runner::State::Ready;
    }
    return Runner::State::Ready;
}

}  // namespace

const Runner& runner() {
    static const Runner the_only_one;
    return the_only_one;
}

Runner::Role Runner::role() const {
    return engine().place().role;
}
int Runner::worker_index() const {
    return engine().place().worker_index;
}
int Runner::worker_count() const {
    return engine().place().worker_count;
}
Runner::State Runner::state() const {
    return public_state(engine().news().state);
}
std::int64_t Runner::user_count() const {
    return engine().user_count();
}
std::int64_t Runner::target_user_count() const {
    return engine().news().target_user_count;
}
Duration Runner::run_time() const {
    return engine().news().elapsed;
}

Runner::Totals Runner::totals() const {
    const run::RunNews& news = engine().news();
    return {.requests = static_cast<std::int64_t>(news.requests),
            .failures = static_cast<std::int64_t>(news.failures),
            .requests_per_second = news.requests_per_s,
            .median = news.median,
            .p95 = news.p95,
            .p99 = news.p99};
}

void Runner::stop() const {
    engine().ask_to_stop();
}
void Runner::quit() const {
    engine().ask_to_quit();
}
void Runner::exit_code(int code) const {
    engine().ask_for_exit_code(code);
}

void Runner::background(detail::Function<void()> body) const {
    // std::function copies what it holds.
    const auto shared = std::make_shared<detail::Function<void()>>(std::move(body));
    engine().own_fibers().start([shared] { (*shared)(); }, "runner().background()");
}

void Runner::send_message(std::string_view type, const JsonText& data, std::string_view to) const {
    engine().send_message(type, data.text(), to);
}

}  // namespace cicada
