// SPDX-License-Identifier: Apache-2.0
#include "scenario/cache.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <chrono>

#include "scenario/digest.hpp"
#include "scenario/manifest.hpp"
#include "scenario/temporary_folder_test.hpp"

namespace cicada::scenario {
namespace {

namespace fs = std::filesystem;

/// An environment variable with another value while this lives.
class Variable {
public:
    Variable(const char* name, const char* value) : name_(name) {
        // NOLINTNEXTLINE(concurrency-mt-unsafe): tests have one thread here
        if (const char* before = std::getenv(name)) before_ = before;
        set(value);
    }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;
    ~Variable() { set(before_.empty() ? nullptr : before_.c_str()); }

private:
    void set(const char* value) {
        // NOLINTNEXTLINE(concurrency-mt-unsafe): tests have one thread here
        value == nullptr ? unsetenv(name_) : setenv(name_, value, 1);
    }

    const char* name_;
    std::string before_;
};

// Goal: objects in the cache are loaded and run, so nobody else may put any there. Method: folders
// that others own or can write to.
TEST_CASE("a cache folder is private, or it is not used") {
    const TemporaryFolder folder;
    const fs::path path = folder.path() / "deep" / "cache";
    { const Cache made(path); }
    struct stat status {};
    REQUIRE(stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0700);
    { const Cache again(path); }

    chmod(path.c_str(), 0755);
    CHECK(error_of([&] { const Cache open_to_others(path); }) ==
          "it is open to other users (chmod 700 mends that)");
    CHECK(error_of([&] { const Cache file(folder.write("file", "")); }) == "it is not a folder");
    CHECK(error_of([&] { const Cache below(folder.path() / "file" / "cache"); }) ==
          "Not a directory");
    if (geteuid() == 0) {
        const fs::path foreign = folder.path() / "foreign";
        REQUIRE(mkdir(foreign.c_str(), 0700) == 0);
        REQUIRE(chown(foreign.c_str(), 12345, 12345) == 0);
        CHECK(error_of([&] { const Cache of_another(foreign); }) == "it belongs to another user");
    }
}

// Goal: nothing is left behind by a temporary cache.
TEST_CASE("a temporary cache goes with its object") {
    fs::path work;
    {
        const auto cache = Cache::temporary();
        work = cache->make_work_folder();
        CHECK(fs::is_directory(work));
    }
    CHECK_FALSE(fs::exists(work.parent_path().parent_path()));
}

// Goal: the environment chooses the folder in the order that is documented.
TEST_CASE("the cache's folder follows the environment") {
    const Variable home("HOME", "/home/ellen");
    const Variable xdg("XDG_CACHE_HOME", nullptr);
    const Variable own("CICADA_CACHE", nullptr);
    CHECK(cache_folder_of_environment() == "/home/ellen/.cache/cicada");
    {
        const Variable set("XDG_CACHE_HOME", "/var/x");
        CHECK(cache_folder_of_environment() == "/var/x/cicada");
        const Variable also("CICADA_CACHE", "/tmp/c");
        CHECK(cache_folder_of_environment() == "/tmp/c");
    }
    const Variable homeless("HOME", nullptr);
    CHECK(cache_folder_of_environment().empty());
}

struct FilledCache {
    TemporaryFolder folder;
    Cache cache;

    FilledCache(CacheLimits limits, int objects) : cache(folder.path() / "c", limits) {
        const auto now = fs::file_time_type::clock::now();
        for (int i = 0; i < objects; ++i) {
            const std::string name = std::to_string(i) + ".so";
            folder.write("c/objects/" + name, std::string(100, 'x'));
            fs::last_write_time(cache.object(name), now - std::chrono::minutes(objects - i));
            const std::string digest = Digest().add(name).hex();
            write_manifest(cache.manifest(digest), {name, digest, {{"/a.cpp", digest}}});
        }
    }

    [[nodiscard]] std::string left() const {
        std::string names;
        for (int i = 0; i < 10; ++i) {
            if (fs::exists(cache.object(std::to_string(i) + ".so"))) names += std::to_string(i);
        }
        return names;
    }
};

// Goal: the cache stays within its limits and drops what was used longest ago. Method: five objects
// of rising age under a limit of number, then of bytes.
TEST_CASE("trim removes the least recently used objects and their manifests") {
    FilledCache by_number({.bytes = 1'000'000, .objects = 3}, 5);
    by_number.cache.touch(by_number.cache.object("0.so"));
    by_number.cache.trim(by_number.cache.object("0.so"));
    CHECK(by_number.left() == "034");
    const auto manifests = fs::directory_iterator(by_number.folder.path() / "c/manifests");
    CHECK(std::distance(begin(manifests), end(manifests)) == 3);

    FilledCache by_size({.bytes = 250, .objects = 100}, 5);
    by_size.cache.trim(by_size.cache.object("0.so"));
    CHECK(by_size.left() == "034");  // 3 and 4 fit; 0 is what was just made
}

// Goal: what a killed process left half done goes, what one is doing now stays.
TEST_CASE("trim removes abandoned work") {
    const FilledCache filled({}, 1);
    const fs::path old = filled.cache.make_work_folder();
    const fs::path current = filled.cache.make_work_folder();
    fs::last_write_time(old, fs::file_time_type::clock::now() - std::chrono::hours(2));
    filled.cache.trim(filled.cache.object("0.so"));
    CHECK_FALSE(fs::exists(old));
    CHECK(fs::exists(current));
}

}  // namespace
}  // namespace cicada::scenario
