// SPDX-License-Identifier: Apache-2.0
#include "run/watchdog.hpp"

#include <fmt/format.h>

#include <utility>

namespace cicada::run {
namespace {

double seconds(std::chrono::nanoseconds time) {
    return std::chrono::duration<double>(time).count();
}

std::string named(const char* label) {
    return label == nullptr || *label == '\0' ? "a fiber" : label;
}

}  // namespace

std::vector<std::string> Watchdog::look(const fiber::Pulse& pulse, base::TimePoint now) {
    look_at_holder(pulse, now);
    look_at_lock(pulse, now);
    return std::exchange(news_, {});
}

std::vector<std::chrono::nanoseconds> Watchdog::take_holds() {
    return std::exchange(holds_, {});
}

void Watchdog::look_at_holder(const fiber::Pulse& pulse, base::TimePoint now) {
    const bool runs = pulse.label != nullptr;
    if (runs && held_.lasts && pulse.switches == switches_) {
        if (held_.told || now - held_.since < kTooLong) return;
        held_.told = true;
        news_.push_back(fmt::format(
            "\"{}\" has held the engine for more than {} ms: every other user waits, and response "
            "times grow. Is there a long computation, or a blocking call that Cicada does not "
            "know?",
            held_.label,
            kTooLong.count()));
        return;
    }
    if (held_.told) {
        holds_.push_back(now - held_.since);
        news_.push_back(fmt::format(
            "\"{}\" held the engine for {:.1f} s", held_.label, seconds(now - held_.since)));
    }
    held_ = {now, runs, false, named(pulse.label)};
    switches_ = pulse.switches;
}

void Watchdog::look_at_lock(const fiber::Pulse& pulse, base::TimePoint now) {
    if (pulse.lock_waits > 0 && locked_.lasts) {
        if (locked_.told || now - locked_.since < kTooLong) return;
        locked_.told = true;
        locked_.label = named(pulse.lock_waiter);
        news_.push_back(fmt::format(
            "Waiting for {} for more than {} ms: {} fibers, \"{}\" among them. Is it held over a "
            "request or a wait? Use cicada::Mutex there",
            named(pulse.lock),
            kTooLong.count(),
            pulse.lock_waits,
            locked_.label));
        return;
    }
    if (locked_.told) {
        news_.push_back(fmt::format("The lock that \"{}\" waited for came after {:.1f} s",
                                    locked_.label,
                                    seconds(now - locked_.since)));
    }
    locked_ = {now, pulse.lock_waits > 0, false, {}};
}

}  // namespace cicada::run
