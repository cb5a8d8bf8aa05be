// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

namespace cicada::scenario {

/// What the cache may hold; the least recently used objects go first.
struct CacheLimits {
    std::uintmax_t bytes = 512ULL << 20U;
    std::size_t objects = 200;
};

/// The cache's folder cannot be used, and why. Not an error of the run: another folder will do.
class CacheUnusable : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The folder where compiled tests are kept from run to run.
///
/// It is this user's alone (mode 0700), as what lies in it is loaded and run.
/// Threads: any; other processes may use the same folder at the same time.
class Cache {
public:
    /// Makes `folder` if it is not there.
    /// Error: CacheUnusable, when it is another user's, open to others, or cannot be written.
    explicit Cache(std::filesystem::path folder, CacheLimits limits = {});
    Cache(const Cache&) = delete;
    Cache& operator=(const Cache&) = delete;
    ~Cache();

    /// A folder of its own that goes with the object. Error: base::Error when there is no room.
    static std::unique_ptr<Cache> temporary();

    [[nodiscard]] bool is_temporary() const { return temporary_; }

    [[nodiscard]] std::filesystem::path manifest(const std::string& key) const;
    [[nodiscard]] std::filesystem::path object(const std::string& name) const;

    /// One of 256 files, by the first digits of `key`: whoever compiles holds a lock on it.
    [[nodiscard]] std::filesystem::path lock_file(const std::string& key) const;

    /// The folder of a test that came from a master, made if it is not there; of those the 20 used
    /// last are kept. Error: CacheUnusable.
    [[nodiscard]] std::filesystem::path travelled(const std::string& digest) const;

    /// A new folder to compile in, below this one so that results can be renamed into place.
    /// Error: CacheUnusable.
    [[nodiscard]] std::filesystem::path make_work_folder() const;

    /// Marks `object` as used now.
    void touch(const std::filesystem::path& object) const;

    /// Removes objects beyond the limits, never `kept`; manifests of objects that are gone; and
    /// what a process that was killed left half done an hour ago.
    void trim(const std::filesystem::path& kept) const;

    /// Removes a temporary cache now; for a process that ends without running destructors.
    void discard_temporary() const;

private:
    std::filesystem::path folder_;
    CacheLimits limits_;
    bool temporary_ = false;
};

/// $CICADA_CACHE, else $XDG_CACHE_HOME/cicada, else ~/.cache/cicada; empty if none is set.
std::filesystem::path cache_folder_of_environment();

}  // namespace cicada::scenario
