// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace cicada::base {

/// The one of `known` that `word` was probably meant to be; nothing when none is near.
///
/// Shape:  near: the length of the longest common subsequence, twice, is at least 0.6 of both
///         lengths together. Of equals the first.
/// Source: Python's difflib.get_close_matches, which Locust asks; it looks at common blocks
///         instead.
[[nodiscard]] std::optional<std::string> nearest(const std::string& word,
                                                 const std::vector<std::string>& known);

/// "; did you mean X?" for the end of a sentence about `word`; empty when none is near.
[[nodiscard]] std::string did_you_mean(const std::string& word,
                                       const std::vector<std::string>& known);

}  // namespace cicada::base
