// SPDX-License-Identifier: Apache-2.0
#include "user/random_stream.hpp"

namespace cicada::user {

std::uint64_t RandomStream::below(std::uint64_t count) {
    // The high half of a 64x64-bit product is uniform once the low half has been kept out of the
    // part that does not fit `count` times into 2^64 (Lemire, 2019).
    __extension__ using Product = unsigned __int128;
    auto product = static_cast<Product>(next()) * count;
    if (static_cast<std::uint64_t>(product) < count) {
        const std::uint64_t unfair = (0 - count) % count;
        while (static_cast<std::uint64_t>(product) < unfair) {
            product = static_cast<Product>(next()) * count;
        }
    }
    return static_cast<std::uint64_t>(product >> 64U);
}

RandomStream& run_random() {
    static RandomStream stream;
    return stream;
}

}  // namespace cicada::user
