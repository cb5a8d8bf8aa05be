// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace cicada::scenario {

/// What the cache may hold; the least recently used objects go first.
struct CacheLimits {
    std::uintmax_t bytes = 512ULL << 20U;
    std::size_t objects = 200;
};

/// The folder where compiled tests are kept from run to run.
///
/// $CICADA_CACHE, else $XDG_CACHE_HOME/cicada, else ~/.cache/cicada: ours alone (mode 0700, owned
/// by this user). If it cannot be so, a temporary folder takes its place, with one log line, and
/// goes with this object.
class Cache {
public:
    Cache();
    explicit Cache(std::filesystem::path folder, CacheLimits limits = {});
    Cache(const Cache&) = delete;
    Cache& operator=(const Cache&) = delete;
    ~Cache();

    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
    [[nodiscard]] bool is_temporary() const { return temporary_; }

    /// Marks `object` as used now.
    void touch(const std::filesystem::path& object) const;

    /// Removes what exceeds the limits, the least recently used first, but never `kept`.
    void trim(const std::filesystem::path& kept) const;

private:
    std::filesystem::path folder_;
    CacheLimits limits_;
    bool temporary_ = false;
};

/// The folder the environment asks for; empty if it names none.
std::filesystem::path cache_folder_of_environment();

}  // namespace cicada::scenario
