// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "cluster/messages.hpp"
#include "scenario/parcel.hpp"

namespace cicada::cluster {

/// Where a worker puts a test that comes.
struct TestPlace {
    /// A test is offered; returns what of it has to be sent. Error: it cannot be taken.
    std::function<base::Result<std::vector<scenario::ParcelFile>>(scenario::ParcelList list)> open;
    std::function<base::Result<void>(const scenario::ParcelFile& file, std::string_view content)>
        put;
};

/// A worker without a test asks its master for one, part by part, over a transport that may lose
/// and repeat. Pure but for what `place` does.
class TestFetch {
public:
    static constexpr std::chrono::seconds kAskAgainAfter{1};
    static constexpr std::chrono::seconds kPatience{300};  ///< without any answer

    TestFetch(std::string version, TestPlace place, base::TimePoint now);

    /// What is to be sent now; nothing: nothing yet, see next_deadline().
    [[nodiscard]] std::optional<FromWorker> due(base::TimePoint now);
    [[nodiscard]] base::TimePoint next_deadline() const { return next_ask_at_; }

    /// Others than those about tests are ignored.
    void on_message(const FromMaster& message, base::TimePoint now);

    [[nodiscard]] bool done() const { return done_; }

    /// Why there will be no test; empty: there may be.
    [[nodiscard]] const std::string& failure() const { return failure_; }

private:
    void on(const from_master::TestOffer& offer, base::TimePoint now);
    void on(const from_master::TestPart& part, base::TimePoint now);
    void ask_next(base::TimePoint now);
    void fail(std::string why) { failure_ = std::move(why); }

    std::string version_;
    TestPlace place_;
    base::TimePoint last_answer_at_;
    base::TimePoint next_ask_at_;
    bool offered_ = false;
    bool done_ = false;
    std::string failure_{};
    std::vector<scenario::ParcelFile> missing_{};  ///< the last one is being fetched
    std::string content_{};                        ///< of it, so far
};

}  // namespace cicada::cluster
