// SPDX-License-Identifier: Apache-2.0
#include "scenario/build.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <exception>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>
#include <thread>

#include "base/error.hpp"
#include "base/shown_path.hpp"
#include "scenario/child_process.hpp"
#include "scenario/diagnostics.hpp"
#include "scenario/digest.hpp"
#include "scenario/directives.hpp"
#include "scenario/manifest.hpp"

namespace cicada::scenario {
namespace {

namespace fs = std::filesystem;

/// Held by the one that compiles; the kernel lets go of it when a process dies.
class CompileLock {
public:
    explicit CompileLock(const fs::path& file)
        : descriptor_(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
        int outcome = descriptor_ < 0 ? -1 : flock(descriptor_, LOCK_EX);
        while (outcome != 0 && errno == EINTR) outcome = flock(descriptor_, LOCK_EX);
        if (outcome != 0) throw CacheUnusable(std::generic_category().message(errno));
    }
    CompileLock(const CompileLock&) = delete;
    CompileLock& operator=(const CompileLock&) = delete;
    ~CompileLock() { close(descriptor_); }

private:
    int descriptor_;
};

/// A folder to compile in; gone when it is done, whatever happened.
class WorkFolder {
public:
    explicit WorkFolder(const Cache& cache) : path_(cache.make_work_folder()) {}
    WorkFolder(const WorkFolder&) = delete;
    WorkFolder& operator=(const WorkFolder&) = delete;
    ~WorkFolder() {
        std::error_code error;
        fs::remove_all(path_, error);
    }

    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

std::string content_of(const fs::path& file) {
    std::ifstream stream(file);
    std::ostringstream content;
    content << stream.rdbuf();
    return content.str();
}

Finished run_compiler(const std::vector<std::string>& command) {
    auto finished = run_program(command);
    if (!finished) {
        throw base::Error("cannot run the C++ compiler " + command.front() + ": " +
                          finished.error());
    }
    if (finished->exit_code != 0 &&
        finished->errors.find("No space left on device") != std::string::npos) {
        throw CacheUnusable("no space left on its device");
    }
    return std::move(*finished);
}

// The linker's own words but for the driver's closing line, which says only that it failed.
std::string linker_complaint(const std::string& said, const fs::path& test_file) {
    std::istringstream stream(said);
    std::string text = base::shown(test_file) + ": it compiles but cannot be linked:";
    for (std::string line; std::getline(stream, line);) {
        if (!line.starts_with("collect2:") && !line.starts_with("clang: error: linker")) {
            text += "\n" + line;
        }
    }
    return text;
}

void rename_into_place(const fs::path& from, const fs::path& to) {
    std::error_code error;
    fs::rename(from, to, error);
    if (error) throw CacheUnusable(error.message());
}

// Changed since the compiler started, so that nobody knows which content it read.
bool changed_since(const fs::path& file, fs::file_time_type start) {
    std::error_code error;
    const auto changed = fs::last_write_time(file, error);
    return error || changed > start;
}

}  // namespace

/// All that decides what the compiler makes of a test file, but for the content of files.
struct Builder::Recipe {
    fs::path test_file;
    std::vector<fs::path> sources;  ///< the test file first
    std::vector<std::string> compile_flags;
    std::vector<std::string> link_flags;
    std::string key;
};

Builder::Recipe Builder::recipe_for(const fs::path& test_file) const {
    Directives directives = read_directives(test_file);
    Recipe recipe{
        .test_file = test_file,
        .sources = {test_file},
        .compile_flags = compile_flags(compiler_, public_headers_, directives.compile_flags),
        .link_flags = std::move(directives.link_flags),
        .key = {}};
    recipe.sources.insert(
        recipe.sources.end(), directives.sources.begin(), directives.sources.end());

    Digest digest;
    digest.add(compiler_.identity);
    const auto add_all = [&digest](const auto& texts) {
        digest.add(std::to_string(texts.size()));
        for (const auto& text : texts) digest.add(fs::path(text).native());
    };
    add_all(compiler_.command);
    add_all(compiler_environment());
    add_all(recipe.sources);
    add_all(recipe.compile_flags);
    add_all(recipe.link_flags);
    recipe.key = digest.hex();
    return recipe;
}

fs::path Builder::build(const fs::path& test_file) const {
    const Recipe recipe = recipe_for(test_file);
    if (fs::path object = find(recipe); !object.empty()) return object;
    const CompileLock lock(cache_->lock_file(recipe.key));
    if (fs::path object = find(recipe); !object.empty()) return object;
    return compile(recipe);
}

std::vector<fs::path> Builder::files_of(const fs::path& test_file) const {
    std::vector<fs::path> files{test_file};
    const auto manifest = read_manifest(cache_->manifest(recipe_for(test_file).key));
    if (!manifest) return files;
    for (const Dependency& read : manifest->dependencies) {
        if (read.file != test_file) files.push_back(read.file);
    }
    return files;
}

// Empty if there is none made from the files as they are now.
fs::path Builder::find(const Recipe& recipe) const {
    const auto manifest = read_manifest(cache_->manifest(recipe.key));
    if (!manifest || !is_current(*manifest)) return {};
    fs::path object = cache_->object(manifest->object_name);
    if (digest_of_file(object) != manifest->object_digest) return {};
    cache_->touch(object);
    return object;
}

fs::path Builder::compile(const Recipe& recipe) const {
    const WorkFolder work(*cache_);
    std::error_code error;
    const fs::file_time_type start = fs::last_write_time(work.path(), error);

    std::vector<fs::path> objects;
    std::vector<fs::path> read;
    for (const fs::path& source : recipe.sources) {
        const fs::path object = work.path() / (std::to_string(objects.size()) + ".o");
        const fs::path rule = fs::path(object).replace_extension(".d");
        const Finished compiled =
            run_compiler(compile_command(compiler_, recipe.compile_flags, source, object, rule));
        if (compiled.exit_code != 0) {
            throw base::Error(explain(compiled.errors, {source, public_headers_}));
        }
        objects.push_back(object);
        for (fs::path& file : files_read(content_of(rule))) read.push_back(std::move(file));
    }
    const fs::path linked = work.path() / "test.so";
    const Finished linking =
        run_compiler(link_command(compiler_, objects, recipe.link_flags, linked));
    if (linking.exit_code != 0) {
        throw base::Error(linker_complaint(linking.errors, recipe.test_file));
    }

    Manifest manifest{.object_name = {}, .object_digest = digest_of_file(linked).value_or("")};
    Digest content;
    content.add(recipe.key);
    bool certain = true;
    for (const fs::path& file : read) {
        manifest.dependencies.push_back({file, digest_of_file(file).value_or("")});
        content.add(manifest.dependencies.back().digest);
        certain = certain && !changed_since(file, start);
    }
    manifest.object_name = recipe.test_file.stem().string() + "-" + content.hex() + ".so";

    fs::path object = cache_->object(manifest.object_name);
    rename_into_place(linked, object);
    const fs::path written = work.path() / "manifest";
    if (certain && write_manifest(written, manifest)) {
        rename_into_place(written, cache_->manifest(recipe.key));
    }
    cache_->trim(object);
    return object;
}

std::vector<fs::path> build_all(const Builder& builder, const std::vector<fs::path>& test_files) {
    std::vector<fs::path> objects(test_files.size());
    std::vector<std::exception_ptr> failures(test_files.size());
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
        for (std::size_t i = next++; i < test_files.size(); i = next++) {
            try {
                const bool built = test_files[i].extension() == ".so";
                objects[i] = built ? test_files[i] : builder.build(test_files[i]);
            } catch (...) {
                failures[i] = std::current_exception();
            }
        }
    };
    const std::size_t processors = std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::jthread> others;
    while (others.size() + 1 < std::min(processors, test_files.size())) others.emplace_back(work);
    work();
    others.clear();

    std::string complaints;
    for (const std::exception_ptr& failure : failures) {
        try {
            if (failure) std::rethrow_exception(failure);
        } catch (const base::Error& error) {
            complaints += (complaints.empty() ? "" : "\n") + std::string(error.what());
        }
    }
    if (!complaints.empty()) throw base::Error(complaints);
    return objects;
}

}  // namespace cicada::scenario
