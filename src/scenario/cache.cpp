// SPDX-License-Identifier: Apache-2.0
#include "scenario/cache.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "scenario/manifest.hpp"

namespace cicada::scenario {
namespace {

namespace fs = std::filesystem;

constexpr auto kAbandonedAfter = std::chrono::hours(1);
constexpr const char* kFolders[] = {"manifests", "objects", "locks", "work", "travelled"};
constexpr std::size_t kMostTravelled = 20;  // tests that came from masters

std::string text_of(int error) {
    return std::generic_category().message(error);
}

void make_private_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder.parent_path(), error);
    if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) throw CacheUnusable(text_of(errno));

    struct stat status {};
    if (stat(folder.c_str(), &status) != 0) throw CacheUnusable(text_of(errno));
    if (!S_ISDIR(status.st_mode)) throw CacheUnusable("it is not a folder");
    if (status.st_uid != geteuid()) throw CacheUnusable("it belongs to another user");
    if ((status.st_mode & 077U) != 0) {
        throw CacheUnusable("it is open to other users (chmod 700 mends that)");
    }
    if (access(folder.c_str(), W_OK | X_OK) != 0) throw CacheUnusable(text_of(errno));
}

struct Kept {
    fs::path path;
    fs::file_time_type used;
    std::uintmax_t bytes;
};

std::vector<Kept> newest_first(const fs::path& folder) {
    std::vector<Kept> found;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
        std::error_code gone;  // another process may remove it meanwhile
        const Kept one{entry.path(), entry.last_write_time(gone), entry.file_size(gone)};
        if (!gone) found.push_back(one);
    }
    std::ranges::sort(found, std::ranges::greater(), &Kept::used);
    return found;
}

std::vector<std::pair<fs::path, fs::file_time_type>> folders_newest_first(const fs::path& folder) {
    std::vector<std::pair<fs::path, fs::file_time_type>> found;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
        std::error_code gone;
        found.emplace_back(entry.path(), entry.last_write_time(gone));
    }
    std::ranges::sort(found, std::ranges::greater(), [](const auto& one) { return one.second; });
    return found;
}

void remove_quietly(const fs::path& path) {
    std::error_code error;  // gone already: all the better
    fs::remove_all(path, error);
}

}  // namespace

Cache::Cache(fs::path folder, CacheLimits limits) : folder_(std::move(folder)), limits_(limits) {
    make_private_folder(folder_);
    for (const char* name : kFolders) {
        if (mkdir((folder_ / name).c_str(), 0700) != 0 && errno != EEXIST) {
            throw CacheUnusable(text_of(errno));
        }
    }
}

Cache::~Cache() {
    discard_temporary();
}

std::unique_ptr<Cache> Cache::temporary() {
    std::error_code error;
    const fs::path parent = fs::temp_directory_path(error);
    std::string name = (parent / "cicada-XXXXXX").string();
    if (error || mkdtemp(name.data()) == nullptr) {
        throw base::Error("no folder to compile in: " + parent.string() + ": " + text_of(errno));
    }
    try {
        auto cache = std::make_unique<Cache>(name);
        cache->temporary_ = true;
        return cache;
    } catch (const CacheUnusable& unusable) {
        throw base::Error("no folder to compile in: " + name + ": " + unusable.what());
    }
}

void Cache::discard_temporary() const {
    if (temporary_) remove_quietly(folder_);
}

fs::path Cache::manifest(const std::string& key) const {
    return folder_ / "manifests" / key;
}

fs::path Cache::object(const std::string& name) const {
    return folder_ / "objects" / name;
}

fs::path Cache::lock_file(const std::string& key) const {
    return folder_ / "locks" / key.substr(0, 2);
}

fs::path Cache::travelled(const std::string& digest) const {
    fs::path folder = folder_ / "travelled" / digest;
    std::error_code error;
    fs::create_directory(folder, error);
    if (error) throw CacheUnusable(error.message());
    touch(folder);
    std::size_t count = 0;
    for (const auto& [path, used] : folders_newest_first(folder_ / "travelled")) {
        if (++count > kMostTravelled) remove_quietly(path);
    }
    return folder;
}

fs::path Cache::make_work_folder() const {
    std::string name = (folder_ / "work" / "XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw CacheUnusable(text_of(errno));
    return name;
}

void Cache::touch(const fs::path& object) const {
    utimensat(AT_FDCWD, object.c_str(), nullptr, 0);
}

void Cache::trim(const fs::path& kept) const {
    std::uintmax_t bytes = 0;
    std::size_t objects = 0;
    std::set<std::string> names;
    for (const Kept& object : newest_first(folder_ / "objects")) {
        const bool fits = objects < limits_.objects && bytes + object.bytes <= limits_.bytes;
        if (!fits && object.path != kept) {
            remove_quietly(object.path);
            continue;
        }
        ++objects;
        bytes += object.bytes;
        names.insert(object.path.filename().string());
    }
    for (const Kept& file : newest_first(folder_ / "manifests")) {
        const auto manifest = read_manifest(file.path);
        if (!manifest || !names.contains(manifest->object_name)) remove_quietly(file.path);
    }

    std::error_code error;
    const auto now = std::chrono::file_clock::from_sys(base::wall_now());
    for (const fs::directory_entry& work : fs::directory_iterator(folder_ / "work", error)) {
        std::error_code gone;
        const auto changed = work.last_write_time(gone);
        if (!gone && changed + kAbandonedAfter < now) remove_quietly(work.path());
    }
}

fs::path cache_folder_of_environment() {
    static constexpr struct {
        const char* variable;
        const char* below;
    } kPlaces[] = {{"CICADA_CACHE", ""}, {"XDG_CACHE_HOME", "cicada"}, {"HOME", ".cache/cicada"}};

    for (const auto& place : kPlaces) {
        // NOLINTNEXTLINE(concurrency-mt-unsafe): read before there are other threads
        const char* value = std::getenv(place.variable);
        if (value == nullptr || *value == '\0') continue;
        const fs::path folder =
            *place.below == '\0' ? fs::path(value) : fs::path(value) / place.below;
        return fs::absolute(folder).lexically_normal();
    }
    return {};
}

}  // namespace cicada::scenario
