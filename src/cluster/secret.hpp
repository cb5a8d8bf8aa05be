// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cicada::cluster {

/// A key of Curve25519.
using Key = std::array<std::uint8_t, 32>;

/// What a cluster with a secret encrypts with: the pair of its master, and the one pair of all its
/// workers. Who knows the secret has both.
struct ClusterKeys {
    Key master_public{};
    Key master_secret{};
    Key worker_public{};
    Key worker_secret{};
};

inline constexpr std::size_t kShortestSecret = 12;  ///< bytes
inline constexpr std::size_t kLongestSecret = 1'024;

/// The keys that follow from a secret, on each node the same.
///
/// Shape: 64 bytes of argon2id (version 1.3; kArgonPasses, kArgonMemory, one lane) of the secret
///        with kArgonSalt: the secret key of the master, then that of the workers. Takes about 0.2
///        s of CPU, so that guessing is dear.
/// Error: its length is not from kShortestSecret to kLongestSecret; or there is no memory.
/// Source: RFC 9106; libsodium.
[[nodiscard]] base::Result<ClusterKeys> keys_of(std::string_view secret);

inline constexpr std::string_view kArgonSalt = "cicada-cluster-1";
inline constexpr unsigned long long kArgonPasses = 3;
inline constexpr std::size_t kArgonMemory = std::size_t{64} << 20;  ///< bytes

/// The secret that an option speaks of: itself, or with `@` before it the file whose first line it
/// is. A complaint never holds the secret.
[[nodiscard]] base::Result<std::string> secret_of_option(const std::string& value);

}  // namespace cicada::cluster
