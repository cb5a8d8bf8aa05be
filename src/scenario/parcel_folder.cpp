// SPDX-License-Identifier: Apache-2.0
#include "scenario/parcel_folder.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <system_error>
#include <utility>

#include "base/error.hpp"
#include "scenario/digest.hpp"

namespace cicada::scenario {
namespace {

namespace fs = std::filesystem;

constexpr const char* kObjects = ".objects";  // no file of a test is called so by pack()

std::unique_ptr<Cache> open_cache() {
    const fs::path folder = cache_folder_of_environment();
    if (folder.empty()) return Cache::temporary();
    try {
        return std::make_unique<Cache>(folder);
    } catch (const CacheUnusable&) {
        return Cache::temporary();
    }
}

std::vector<std::string> misfits_of(const ParcelList& list) {
    std::vector<std::string> all;
    for (const ParcelTest& test : list.tests) {
        for (std::string& why : missing_here(test.needs)) {
            if (std::ranges::find(all, why) == all.end()) all.push_back(std::move(why));
        }
    }
    return all;
}

std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts) all += (all.empty() ? "" : "; ") + text;
    return all;
}

bool came_compiled(const ParcelTest& test) {
    return fs::path(test.path).extension() == ".so";
}

}  // namespace

ParcelFolder::ParcelFolder(ParcelList list)
    : list_(std::move(list)), misfits_(misfits_of(list_)), cache_(open_cache()) {
    try {
        folder_ = cache_->travelled(list_.digest());
    } catch (const CacheUnusable&) {
        cache_ = Cache::temporary();
        folder_ = cache_->travelled(list_.digest());
    }
    if (misfits_.empty() || !std::ranges::any_of(list_.tests, came_compiled)) return;
    throw base::Error("the master's test comes compiled, and cannot be loaded here: " +
                      joined(misfits_));
}

fs::path ParcelFolder::place_of(const ParcelFile& file) const {
    const bool object = std::ranges::any_of(
        list_.tests, [&file](const ParcelTest& test) { return test.object == file; });
    return object ? folder_ / kObjects / (file.digest + ".so") : folder_ / file.path;
}

std::vector<ParcelFile> ParcelFolder::wanted() const {
    std::vector<ParcelFile> files = list_.data;
    if (misfits_.empty()) {
        for (const ParcelTest& test : list_.tests) files.push_back(test.object);
    } else {
        files.insert(files.end(), list_.sources.begin(), list_.sources.end());
    }
    return files;
}

std::vector<ParcelFile> ParcelFolder::missing() const {
    std::vector<ParcelFile> files;
    for (const ParcelFile& file : wanted()) {
        if (digest_of_file(place_of(file)) != file.digest) files.push_back(file);
    }
    return files;
}

base::Result<void> ParcelFolder::put(const ParcelFile& file, std::string_view content) {
    if (digest_of_text(content) != file.digest) {
        return base::failure(file.path + ": what came is not what the master announced");
    }
    const fs::path place = place_of(file);
    const fs::path written = place.string() + fmt::format(".{}", ::getpid());
    std::error_code error;
    fs::create_directories(place.parent_path(), error);
    std::ofstream stream(written, std::ios::binary);
    stream.write(content.data(), static_cast<std::streamsize>(content.size()));
    stream.close();
    if (!stream) return base::failure(place.string() + ": cannot be written");
    fs::rename(written, place, error);
    if (error) return base::failure(place.string() + ": " + error.message());
    return {};
}

LoadedTest ParcelFolder::load() const {
    const fs::path start = list_.folder.empty() ? folder_ : folder_ / list_.folder;
    if (misfits_.empty()) {
        LoadOptions options{.folder = start};
        for (const ParcelTest& test : list_.tests) {
            options.objects.push_back(
                {.object = place_of(test.object), .test = folder_ / test.path});
        }
        return scenario::load(options);
    }
    LoadOptions options;
    for (const ParcelTest& test : list_.tests) {
        options.items.push_back((folder_ / test.path).string());
    }
    try {
        return scenario::load(options);
    } catch (const base::Error& error) {
        throw base::Error(
            fmt::format("the master's compiled test cannot be loaded here: {}\n"
                        "nor can its source: {}",
                        joined(misfits_),
                        error.what()));
    }
}

}  // namespace cicada::scenario
