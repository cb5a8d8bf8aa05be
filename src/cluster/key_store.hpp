// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "stats/delta.hpp"
#include "stats/hash_index.hpp"

namespace cicada::cluster {

/// The keys of entries that messages have named, so that what comes each second costs no memory,
/// and deltas of several messages can be added by the addresses of their keys (see
/// stats::Delta::merge).
class KeyStore {
public:
    static constexpr std::size_t kMostKeys = 20'000;    ///< then it forgets all, and begins anew
    static constexpr std::size_t kLongestKept = 1'000;  ///< bytes; longer ones are made each time

    [[nodiscard]] stats::SharedKey key(std::string_view method, std::string_view name);

private:
    std::vector<stats::SharedKey> keys_;
    stats::HashIndex index_;
};

}  // namespace cicada::cluster
