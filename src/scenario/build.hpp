// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "scenario/cache.hpp"
#include "scenario/compiler.hpp"

namespace cicada::scenario {

/// Compiles test files, or takes what an earlier run compiled from the same bytes.
///
/// Threads: any; they and other processes compile a test once, as one holds a lock meanwhile.
class Builder {
public:
    Builder(Compiler compiler, std::filesystem::path public_headers, const Cache& cache)
        : compiler_(std::move(compiler)),
          public_headers_(std::move(public_headers)),
          cache_(&cache) {}

    /// The shared object of `test_file`.
    /// Error: base::Error: what is wrong with the file, ready for its author;
    ///        CacheUnusable: nothing can be written there.
    [[nodiscard]] std::filesystem::path build(const std::filesystem::path& test_file) const;

    /// What the compiler read for it when it was built, the file itself first; the file alone if
    /// nobody knows.
    [[nodiscard]] std::vector<std::filesystem::path> files_of(
        const std::filesystem::path& test_file) const;

private:
    struct Recipe;

    [[nodiscard]] Recipe recipe_for(const std::filesystem::path& test_file) const;
    [[nodiscard]] std::filesystem::path find(const Recipe& recipe) const;
    [[nodiscard]] std::filesystem::path compile(const Recipe& recipe) const;

    Compiler compiler_;
    std::filesystem::path public_headers_;
    const Cache* cache_;
};

/// Builds all of `test_files`, as many at once as there are processors, and returns their shared
/// objects in the same order; a .so stands for itself.
/// Error: base::Error with what is wrong with each; CacheUnusable.
std::vector<std::filesystem::path> build_all(const Builder& builder,
                                             const std::vector<std::filesystem::path>& test_files);

}  // namespace cicada::scenario
