// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "cluster/messages.hpp"
#include "scenario/parcel.hpp"

namespace cicada::cluster {

/// The test as a master gives it to workers that were started without one (`-f -`). Pure.
class TestStore {
public:
    static constexpr std::size_t kPartBytes = std::size_t{1} << 20U;  ///< of a file, in one message

    explicit TestStore(scenario::Parcel parcel);

    /// Gives nothing to anybody. `why`: a sentence for the person at the worker.
    [[nodiscard]] static TestStore refusing(std::string why);

    [[nodiscard]] FromMaster answer(const from_worker::AskForTest& ask) const;
    [[nodiscard]] FromMaster answer(const from_worker::AskForPart& ask) const;

    /// Of the test; empty: it is not given.
    [[nodiscard]] const std::string& digest() const { return digest_; }

private:
    explicit TestStore(std::string why) : refusal_(std::move(why)) {}

    scenario::Parcel parcel_{};
    std::string list_{};
    std::string digest_{};
    std::optional<std::string> refusal_{};
};

}  // namespace cicada::cluster
