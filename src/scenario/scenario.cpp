// SPDX-License-Identifier: Apache-2.0
#include "scenario/scenario.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <system_error>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/shown_path.hpp"
#include "scenario/build.hpp"
#include "scenario/cache.hpp"
#include "scenario/compiler.hpp"
#include "scenario/installation.hpp"
#include "scenario/object_file.hpp"
#include "scenario/test_files.hpp"
#include "user/data_files.hpp"
#include "user/registry.hpp"

namespace cicada::scenario {
namespace {

namespace fs = std::filesystem;

std::unique_ptr<Cache> open_cache() {
    const fs::path folder = cache_folder_of_environment();
    if (folder.empty()) return Cache::temporary();
    try {
        return std::make_unique<Cache>(folder);
    } catch (const CacheUnusable& unusable) {
        base::log(base::LogLevel::Warning,
                  "compiled tests are not kept: {}: {}",
                  folder.string(),
                  unusable.what());
        return Cache::temporary();
    }
}

/// The objects of some test files, what they were made from, and the cache they lie in.
struct BuiltFiles {
    std::unique_ptr<Cache> cache;
    std::vector<fs::path> objects;
    std::vector<std::vector<fs::path>> read{};  ///< empty: nobody wants to know
};

BuiltFiles build_files(const std::vector<fs::path>& files, bool for_workers) {
    if (std::ranges::all_of(files, [](const fs::path& f) { return f.extension() == ".so"; })) {
        return {nullptr, files, std::vector<std::vector<fs::path>>(files.size())};
    }
    const Compiler compiler = find_compiler();
    const fs::path headers = public_headers();
    std::unique_ptr<Cache> cache = open_cache();
    for (;;) {
        try {
            const Builder builder(compiler, headers, *cache);
            BuiltFiles built{nullptr, build_all(builder, files)};
            for (const fs::path& file : files) {
                const bool compiled = for_workers && file.extension() != ".so";
                built.read.push_back(compiled ? builder.files_of(file) : std::vector<fs::path>());
            }
            built.cache = std::move(cache);
            return built;
        } catch (const CacheUnusable& unusable) {
            if (cache->is_temporary()) {
                throw base::Error(std::string("no folder to compile in: ") + unusable.what());
            }
            base::log(base::LogLevel::Warning, "compiled tests are not kept: {}", unusable.what());
        }
        cache = Cache::temporary();
    }
}

void refuse_what_is_wrong(const std::vector<fs::path>& files) {
    if (!user::registry().has_users()) {
        std::string names;
        for (const fs::path& file : files) names += (names.empty() ? "" : ", ") + base::shown(file);
        throw base::Error(names +
                          ": no user class: declare one, static const auto x = users<X>()...;");
    }
    std::string text;
    for (const std::string& complaint : user::registry().check()) {
        text += (text.empty() ? "" : "\n") + complaint;
    }
    if (!text.empty()) throw base::Error(text);
    for (const std::string& warning : user::registry().warnings()) {
        base::log(base::LogLevel::Warning, "{}", warning);
    }
}

void load_all(const std::vector<ObjectFile>& objects, const std::function<void()>& before_exit) {
    std::vector<fs::path> files;
    for (const ObjectFile& object : objects) {
        user::registry().begin_file(object.test);
        load_object(object, before_exit);
        user::registry().end_file();
        files.push_back(object.test);
    }
    refuse_what_is_wrong(files);
    user::registry().seal();
}

LoadedTest load_ready(const LoadOptions& options) {
    load_all(options.objects, [] {});
    LoadedTest test;
    test.folder = options.folder;
    for (const ObjectFile& object : options.objects) test.files.push_back(object.test);
    return test;
}

Parcel parcel_of(const LoadedTest& test, const BuiltFiles& built) {
    ParcelContent content;
    for (std::size_t i = 0; i < test.files.size(); ++i) {
        content.tests.push_back({test.files[i], built.objects[i], built.read[i]});
    }
    content.data = user::data_files(user::registry(), test.folder);
    return pack(content);
}

}  // namespace

LoadedTest load(const LoadOptions& options) {
    LoadedTest test;
    if (options.items.empty() && user::registry().has_users()) {  // in a program of its own
        test.folder = fs::current_path();
        refuse_what_is_wrong({});
        user::registry().seal();
        return test;
    }
    if (!options.objects.empty()) return load_ready(options);
    test.files = find_test_files(options.items);
    test.folder = test.files.front().parent_path();

    const BuiltFiles built = build_files(test.files, options.for_workers);
    std::vector<ObjectFile> objects;
    for (std::size_t i = 0; i < test.files.size(); ++i) {
        objects.push_back({.object = built.objects[i], .test = test.files[i]});
    }
    load_all(objects, [&built] {
        if (built.cache) built.cache->discard_temporary();
    });
    if (!options.for_workers) return test;
    try {
        test.parcel = parcel_of(test, built);
    } catch (const base::Error& error) {
        test.no_parcel = error.what();
    }
    return test;
}

}  // namespace cicada::scenario
