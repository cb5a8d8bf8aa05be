// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "run/arrival_progress.hpp"
#include "run/lease.hpp"
#include "run/node_place.hpp"
#include "run/stage_course.hpp"
#include "stats/delta.hpp"
#include "stats/machine_use.hpp"
#include "user/limit_progress.hpp"

namespace cicada::run {

/// What a load shape has said last.
struct ShapeWish {
    std::uint64_t test = 0;    ///< of this many different tests
    std::optional<Aim> aim{};  ///< nothing: the test is over
};

/// What an engine tells control: how far it is, and what it has recorded since its last report.
///
/// All but what is "since the last report" is the state of things, so a report that is late is
/// replaced by its successor.
struct EngineReport {
    std::uint64_t statistics_epoch = 0;  ///< counts the resets; `delta` belongs to this one
    stats::Delta delta{};
    stats::MachineUse machine{};    ///< since the last report; of a worker, whose control adds it
    std::vector<Letter> letters{};  ///< since the last report, to other nodes
    std::uint64_t takes = 0;        ///< of the recorder, up to that of `delta`

    std::vector<std::int64_t> users{};  ///< alive, per class of the plan
    std::int64_t user_count = 0;        ///< their sum
    std::uint64_t steps_done = 0;       ///< spawn steps, since the program began
    std::uint64_t tests_begun = 0;      ///< test_start listeners have returned
    std::uint64_t tests_ended = 0;      ///< the last user has ended, test_stop listeners returned
    bool has_left = false;              ///< quitting listeners have returned
    std::optional<ShapeWish> shape{};   ///< nothing: it has said nothing yet
    std::vector<ArrivalProgress> arrivals{};  ///< of each class of an open model

    std::vector<user::LimitProgress> limits{};  ///< all there are
    std::optional<double> limits_part_done{};   ///< from 0 to 1; nothing: they do not end the test
    bool nothing_left = false;                  ///< a user that came now would have nothing to do

    std::uint64_t lease_round = 0;             ///< of TestBegin; the next two belong to it
    std::vector<LeaseAccount> leases{};        ///< of all that is lent
    std::vector<LeaseReturn> lease_returns{};  ///< since the last report

    std::uint64_t stops_asked = 0;            ///< by user code, of this many different tests
    bool quit_asked = false;                  ///< by user code
    std::optional<int> exit_code{};           ///< asked for by user code
    std::vector<std::string> cannot_go_on{};  ///< why the test had to be given up, e.g. no host
    bool listener_threw = false;

    /// Adds a later report of the same engine to one that has not been delivered.
    void absorb(EngineReport&& later);
};

}  // namespace cicada::run
