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

/// The objects of some test files, and the cache they lie in.
struct BuiltFiles {
    std::unique_ptr<Cache> cache;
    std::vector<fs::path> objects;
};

BuiltFiles build_files(const std::vector<fs::path>& files) {
    if (std::ranges::all_of(files, [](const fs::path& f) { return f.extension() == ".so"; })) {
        return {nullptr, files};
    }
    const Compiler compiler = find_compiler();
    const fs::path headers = public_headers();
    std::unique_ptr<Cache> cache = open_cache();
    for (;;) {
        try {
            std::vector<fs::path> objects = build_all(Builder(compiler, headers, *cache), files);
            return {std::move(cache), std::move(objects)};
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

}  // namespace

LoadedTest load(const LoadOptions& options) {
    LoadedTest test;
    if (options.items.empty() && user::registry().has_users()) {  // in a program of its own
        test.folder = fs::current_path();
        refuse_what_is_wrong({});
        user::registry().seal();
        return test;
    }
    test.files = find_test_files(options.items);
    test.folder = test.files.front().parent_path();

    const BuiltFiles built = build_files(test.files);
    const auto discard = [&built] {
        if (built.cache) built.cache->discard_temporary();
    };
    for (std::size_t i = 0; i < test.files.size(); ++i) {
        user::registry().begin_file(test.files[i]);
        load_object({.object = built.objects[i], .test = test.files[i]}, discard);
        user::registry().end_file();
    }
    refuse_what_is_wrong(test.files);
    user::registry().seal();
    return test;
}

}  // namespace cicada::scenario
