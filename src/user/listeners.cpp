// SPDX-License-Identifier: Apache-2.0
#include "user/listeners.hpp"

#include <fmt/format.h>

#include <cicada/fiber.hpp>
#include <optional>

#include "base/log.hpp"
#include "user/signals.hpp"

namespace cicada::user {

const char* name_of(EventKind kind) {
    static constexpr std::array<const char*, kEventKinds> kNames{"init",
                                                                 "test_start",
                                                                 "test_stopping",
                                                                 "test_stop",
                                                                 "spawning_complete",
                                                                 "request",
                                                                 "user_error",
                                                                 "quitting",
                                                                 "quit",
                                                                 "reset_stats",
                                                                 "cpu_warning",
                                                                 "usage_monitor"};
    return kNames.at(static_cast<std::size_t>(kind));
}

std::int64_t Listeners::add(EventKind kind, detail::Function<void(const void*)> listener) {
    entries_.push_back({kind, false, std::move(listener)});
    ++heard_[index(kind)];
    return static_cast<std::int64_t>(entries_.size()) - 1;
}

void Listeners::remove(std::int64_t number) {
    Entry& entry = entries_.at(static_cast<std::size_t>(number));
    if (!entry.removed) --heard_[index(entry.kind)];
    entry.removed = true;
}

void Listeners::note_exception(std::string_view who) {
    const Thrown thrown = thrown_now();
    threw_ = true;
    base::log(base::LogLevel::Error, "{} threw {}: {}", who, thrown.type, thrown.text);
}

void Listeners::fire(EventKind kind, const void* event) {
    if (!heard(kind)) return;
    const std::size_t count = entries_.size();  // not those that are added meanwhile
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t place = kind == EventKind::Quitting ? count - 1 - i : i;
        if (entries_[place].kind != kind || entries_[place].removed) continue;
        try {
            entries_[place].call(event);
        } catch (const FiberCancelled&) {
            throw;
        } catch (...) {
            note_exception(fmt::format("a listener of {}", name_of(kind)));
        }
    }
}

void Listeners::fire_to_user(EventKind kind, const void* event) {
    if (!heard(kind)) return;
    std::optional<Departure> strongest;
    bool limit_reached = false;  // its own request was refused
    const std::size_t count = entries_.size();
    for (std::size_t i = 0; i < count; ++i) {
        if (entries_[i].kind != kind || entries_[i].removed) continue;
        try {
            entries_[i].call(event);
        } catch (const FiberCancelled&) {
            throw;
        } catch (const LimitReached&) {
            limit_reached = true;
        } catch (const Departure& departure) {
            if (!strongest || departure.outcome > strongest->outcome) strongest = departure;
        } catch (...) {
            note_exception(fmt::format("a listener of {}", name_of(kind)));
        }
    }
    if (strongest) throw Departure(*strongest);
    if (limit_reached) throw LimitReached{};
}

void Listeners::clear() {
    entries_.clear();
    heard_ = {};
    threw_ = false;
}

Listeners& listeners() {
    static Listeners the_ones;
    return the_ones;
}

}  // namespace cicada::user

namespace cicada {

namespace detail {

std::int64_t add_listener(EventKind kind, Function<void(const void*)> listener) {
    return user::listeners().add(kind, std::move(listener));
}

}  // namespace detail

const Events& events() {
    static const Events all;
    return all;
}

void Listener::remove() const {
    user::listeners().remove(number_);
}

}  // namespace cicada
