// SPDX-License-Identifier: Apache-2.0
#include "run/watchdog.hpp"

#include <fmt/format.h>

namespace cicada::run {
namespace {

double seconds(std::chrono::nanoseconds time) {
    return std::chrono::duration<double>(time).count();
}

std::string describe(const std::string& label, const fiber::Pulse& pulse) {
    if (pulse.waits_for != nullptr) {
        return fmt::format(
            "\"{}\" waits for {}, and nothing else can run: every other user waits for it",
            label,
            pulse.waits_for);
    }
    return fmt::format(
        "\"{}\" has held the engine for more than {} ms: every other user waits, and response "
        "times grow. Is there a long computation, or a blocking call that Cicada does not know?",
        label,
        Watchdog::kHeldTooLong.count());
}

}  // namespace

std::optional<std::string> Watchdog::look(const fiber::Pulse& pulse, base::TimePoint now) {
    const bool runs = pulse.label != nullptr;
    if (runs && runs_ && pulse.switches == switches_) {
        if (told_ || now - since_ < kHeldTooLong) return std::nullopt;
        told_ = true;
        return describe(label_, pulse);
    }
    std::optional<std::string> news;
    if (told_) {
        news = fmt::format("\"{}\" held the engine for {:.1f} s", label_, seconds(now - since_));
    }
    runs_ = runs;
    switches_ = pulse.switches;
    since_ = now;
    told_ = false;
    label_ = runs ? (*pulse.label == '\0' ? "a fiber" : pulse.label) : "";
    return news;
}

}  // namespace cicada::run
