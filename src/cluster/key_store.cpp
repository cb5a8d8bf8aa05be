// SPDX-License-Identifier: Apache-2.0
#include "cluster/key_store.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace cicada::cluster {

stats::SharedKey KeyStore::key(std::string_view method, std::string_view name) {
    const auto made = [&] {
        return std::make_shared<const stats::EntryKey>(
            stats::EntryKey{std::string(method), std::string(name)});
    };
    if (method.size() + name.size() > kLongestKept) return made();
    const std::uint64_t hash = stats::hash_of(name, stats::hash_of(method));
    const std::uint32_t place = index_.find(hash, [&](std::uint32_t candidate) {
        return keys_[candidate]->name == name && keys_[candidate]->method == method;
    });
    if (place != stats::HashIndex::kNone) return keys_[place];
    if (keys_.size() >= kMostKeys) {
        keys_.clear();
        index_ = {};
    }
    index_.insert(hash, static_cast<std::uint32_t>(keys_.size()));
    keys_.push_back(made());
    return keys_.back();
}

}  // namespace cicada::cluster
