// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "run/engine_report.hpp"

namespace cicada::cluster {

/// How a process died, by its own last words.
struct Crash {
    int signal = 0;
    std::string task{};   ///< "Shopper.checkout"; empty: outside of any fiber
    std::string cause{};  ///< a sentence where more is known than the signal; mostly empty
    std::vector<std::string> stack{};  ///< "Shopper::checkout()+0x2a in test.so", innermost first
};

/// What the journal of a process that is gone says.
struct JournalReading {
    std::string node_id{};          ///< empty: it had not introduced itself
    std::uint64_t incarnation = 0;  ///< likewise 0

    /// All that was recorded and that no report has brought: `statistics_epoch` and `delta`, with
    /// what is uncertain; and the last state of what it had been lent: `lease_round` and `leases`,
    /// with key and holding. All else is empty.
    run::EngineReport report{};
    std::optional<Crash> crash{};  ///< nothing: it did not die of its own fault
    bool whole = true;             ///< false: the rest could not be understood, and is uncertain
};

/// Reads the memory of a Journal whose process is gone, as far as it is whole.
///
/// `last_report`: the last of that incarnation that was merged; what it held is left out.
/// Error: this is no journal, or nothing was ever recorded in it.
/// Nothing in it is believed: no size or number in it leads out of `memory`.
[[nodiscard]] base::Result<JournalReading> read_journal(std::span<const std::byte> memory,
                                                        std::uint64_t last_report);

}  // namespace cicada::cluster
