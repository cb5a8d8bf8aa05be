// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cicada/random.hpp>
#include <stdexcept>

#include "user/live_user.hpp"
#include "user/random_stream.hpp"

namespace cicada {
namespace {

user::RandomStream& stream() {
    user::LiveUser* const user = user::LiveUser::current();
    return user != nullptr ? user->random() : user::run_random();
}

}  // namespace

std::int64_t random_int(std::int64_t least, std::int64_t most) {
    if (least > most) {
        throw std::invalid_argument(
            fmt::format("random_int({}, {}): there is no such number", least, most));
    }
    const auto base = static_cast<std::uint64_t>(least);
    const std::uint64_t count = static_cast<std::uint64_t>(most) - base + 1;
    // A count of 0 stands for all 2^64 numbers.
    const std::uint64_t offset = count == 0 ? stream().next() : stream().below(count);
    return static_cast<std::int64_t>(base + offset);
}

double random_fraction() {
    return stream().fraction();
}

}  // namespace cicada
