// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cicada/feeder.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "user/lent_rows.hpp"
#include "user/rows.hpp"

namespace cicada {

/// One feeder of a test, kept by the registry until exit.
///
/// Threads: the engine's; while no test runs, whoever opens it.
struct Feeder::Source {
    std::string name;                 ///< "accounts.csv", for messages
    std::filesystem::path test_file;  ///< that declared it; empty: a program of its own
    std::string file{};               ///< that the rows stand in, as the test says it; empty: none
    detail::Place place;
    Feed feed = Feed::Circular;
    FeederOptions options{};
    std::unique_ptr<user::Rows> rows;

    // Of the present test.
    std::unique_ptr<user::RowNumbers> numbers{};  ///< null: not opened
    std::unordered_map<std::int64_t, std::int64_t> next_of_user{};
    bool end_was_told = false;

    /// Ready for a test. Error: one line for the person.
    ///
    /// `on_need`: where the test runs on several nodes, unique rows are lent in blocks; called on
    /// the engine's thread when another one is needed. Empty: all of them are here.
    base::Result<void> open(const std::filesystem::path& folder,
                            const std::function<void()>& on_need);

    /// How many rows are given to somebody at most, in the whole test.
    [[nodiscard]] std::int64_t rows_to_give() const;
    /// Whoever gets them in blocks; null: nobody does.
    [[nodiscard]] user::LentRowNumbers* lent() const { return lent_; }

    [[nodiscard]] FeedRow next();

private:
    user::LentRowNumbers* lent_ = nullptr;  ///< `numbers`, if they are such

    [[nodiscard]] bool ends() const {
        return feed == Feed::Unique && options.at_end != AtEnd::Recycle;
    }
    [[nodiscard]] std::int64_t next_number();
    [[nodiscard]] std::int64_t next_number_of_user();
    [[noreturn]] void end();
};

namespace user {

using FeederSource = Feeder::Source;

class Registry;

/// Makes all feeders of the registry ready for a test, from their first row.
///
/// `folder`: where paths start that no test file declared. Returns what is wrong with them, one
/// line each, "FILE:LINE: what" with the place of the declaration. May take time: each file is read
/// through. Threads: any, while no test runs. `on_need`: see Feeder::Source::open().
[[nodiscard]] std::vector<std::string> open_feeders(const Registry& registry,
                                                    const std::filesystem::path& folder,
                                                    const std::function<void()>& on_need = {});

}  // namespace user
}  // namespace cicada
