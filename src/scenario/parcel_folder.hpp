// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "scenario/cache.hpp"
#include "scenario/parcel.hpp"
#include "scenario/scenario.hpp"

namespace cicada::scenario {

/// A test that comes from a master, in a folder of the cache.
///
/// Files that came before are not asked for again. Each is checked against its digest before it is
/// there under its name.
class ParcelFolder {
public:
    /// Decides by what is here whether the compiled objects are taken, or the sources.
    ///
    /// Loads the libraries they need. Error: base::Error when nothing can be written anywhere.
    explicit ParcelFolder(ParcelList list);

    /// What has still to come, each digest once.
    [[nodiscard]] std::vector<ParcelFile> missing() const;

    /// Error: a sentence: it is not what its digest says, or cannot be written.
    base::Result<void> put(const ParcelFile& file, std::string_view content);

    /// Loads the test, all of which has come.
    ///
    /// Error: base::Error; if the objects do not fit, also why, and that sources are compiled
    ///        instead.
    [[nodiscard]] LoadedTest load() const;

    /// Why the objects are not taken; empty: they are.
    [[nodiscard]] const std::vector<std::string>& misfits() const { return misfits_; }

private:
    [[nodiscard]] std::filesystem::path place_of(const ParcelFile& file) const;
    [[nodiscard]] std::vector<ParcelFile> wanted() const;

    ParcelList list_;
    std::vector<std::string> misfits_;
    std::unique_ptr<Cache> cache_;
    std::filesystem::path folder_;
};

}  // namespace cicada::scenario
