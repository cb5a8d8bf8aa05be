// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cicada::stats {

/// Whether the figures of a run are those of the server.
enum class Grade : std::uint8_t {
    Valid,
    Suspect,  ///< something spoilt a part of them, or might have
    Invalid,  ///< they say more of the generator or its machine than of the server, or nothing
};

/// "VALID", "SUSPECT", "INVALID".
[[nodiscard]] std::string_view name_of(Grade grade);

/// One thing that spoils figures, in a sentence with numbers.
struct Reason {
    Grade grade = Grade::Suspect;
    std::string text{};
};

struct Verdict {
    Grade grade = Grade::Valid;
    std::vector<Reason> reasons{};  ///< the worst first; empty: valid

    void add(Grade grade, std::string text);
};

}  // namespace cicada::stats
