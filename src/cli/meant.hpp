// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace cicada::cli {

/// "\nDid you mean 'X'?", a line of its own below a message about `word`; empty when none of
/// `known` is near.
[[nodiscard]] std::string meant(const std::string& word, const std::vector<std::string>& known);

/// The same of a word that may be a misspelt command: "\nDid you mean 'cicada check'?".
[[nodiscard]] std::string meant_command(const std::string& word);

}  // namespace cicada::cli
