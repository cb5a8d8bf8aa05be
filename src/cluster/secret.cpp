// SPDX-License-Identifier: Apache-2.0
#include "cluster/secret.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/expects.hpp"

namespace cicada::cluster {
namespace {

static_assert(kArgonSalt.size() == crypto_pwhash_argon2id_SALTBYTES);

Key public_of(const Key& secret) {
    Key made{};
    const int result = crypto_scalarmult_base(made.data(), secret.data());
    base::expects(result == 0, "a secret key has a public one");
    return made;
}

}  // namespace

base::Result<ClusterKeys> keys_of(std::string_view secret) {
    if (secret.size() < kShortestSecret || secret.size() > kLongestSecret) {
        return base::failure(fmt::format("the cluster's secret has {} bytes; it needs {} to {}",
                                         secret.size(),
                                         kShortestSecret,
                                         kLongestSecret));
    }
    base::expects(sodium_init() >= 0, "libsodium finds random numbers");
    std::array<std::uint8_t, 2 * sizeof(Key)> derived{};
    const int result =
        crypto_pwhash_argon2id(derived.data(),
                               derived.size(),
                               secret.data(),
                               secret.size(),
                               reinterpret_cast<const std::uint8_t*>(kArgonSalt.data()),
                               kArgonPasses,
                               kArgonMemory,
                               crypto_pwhash_argon2id_ALG_ARGON2ID13);
    if (result != 0) {
        return base::failure(fmt::format(
            "there are no {} MiB of memory to derive keys from the cluster's secret with",
            kArgonMemory >> 20U));
    }
    ClusterKeys keys;
    std::copy_n(derived.begin(), sizeof(Key), keys.master_secret.begin());
    std::copy_n(derived.begin() + sizeof(Key), sizeof(Key), keys.worker_secret.begin());
    sodium_memzero(derived.data(), derived.size());
    keys.master_public = public_of(keys.master_secret);
    keys.worker_public = public_of(keys.worker_secret);
    return keys;
}

base::Result<std::string> secret_of_option(const std::string& value) {
    if (!value.starts_with('@')) return value;
    const std::string path = value.substr(1);
    std::ifstream file(path);
    std::string secret;
    if (!file || !std::getline(file, secret)) {
        return base::failure(fmt::format("the cluster's secret cannot be read from {}: {}",
                                         path,
                                         file.is_open() ? "it is empty" : std::strerror(errno)));
    }
    if (secret.ends_with('\r')) secret.pop_back();
    return secret;
}

}  // namespace cicada::cluster
