// SPDX-License-Identifier: Apache-2.0
#include "demo/sessions.hpp"

#include <fmt/format.h>

#include <charconv>

namespace cicada::demo {
namespace {

constexpr std::string_view kName = "session=";

// Numbers that do not look like a counter; a shop for practice needs no secret.
std::uint64_t scrambled(std::uint64_t number) {
    number = (number ^ (number >> 30U)) * 0xbf58476d1ce4e5b9U;
    number = (number ^ (number >> 27U)) * 0x94d049bb133111ebU;
    return number ^ (number >> 31U);
}

std::string value_of(std::uint64_t number) {
    return fmt::format("{:x}-{:016x}", number, scrambled(number));
}

}  // namespace

std::string Sessions::open(std::string_view user) {
    const auto number = ++last_;
    Session& slot = slots_[number % kSlots];
    slot = Session{number, std::string(user), {}};
    return value_of(number);
}

Session* Sessions::find(std::string_view cookie_field) {
    auto at = cookie_field.find(kName);
    while (at != std::string_view::npos && at > 0 && cookie_field[at - 1] != ' ') {
        at = cookie_field.find(kName, at + 1);
    }
    if (at == std::string_view::npos) return nullptr;
    auto value = cookie_field.substr(at + kName.size());
    value = value.substr(0, value.find(';'));
    std::uint64_t number = 0;
    std::from_chars(value.data(), value.data() + value.size(), number, 16);
    Session& slot = slots_[number % kSlots];
    return number != 0 && slot.number == number && value == value_of(number) ? &slot : nullptr;
}

void Sessions::close(Session& session) {
    session = {};
}

}  // namespace cicada::demo
