// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <source_location>
#include <string>
#include <string_view>

namespace cicada {

/// A file that a test needs when it runs; see asset().
class Asset {
public:
    /// Where it is, on whatever machine the test runs; absolute.
    [[nodiscard]] const std::string& path() const { return *path_; }

private:
    friend Asset asset(std::string_view path, const std::source_location& place);
    explicit Asset(const std::string& path) : path_(&path) {}
    const std::string* path_;
};

/// Declares, at namespace scope, a file beside the test; `path` starts in the test file's folder.
///
///     static const auto photo = asset("photo.jpg");   ...   client.post("/photos",
///     file(photo.path()));
///
/// It goes along when a master sends its test to workers, as the files of feeders do; what is above
/// the folder of the test does not, and has to be on each worker. At most 64 MiB in all.
/// Error: a file that is not there is a complaint when the test is loaded.
Asset asset(std::string_view path,
            const std::source_location& place = std::source_location::current());

}  // namespace cicada
