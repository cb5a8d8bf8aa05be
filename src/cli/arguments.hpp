// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "cli/option.hpp"

namespace cicada::cli {

/// A name that the table does not have; a test that is not loaded yet may still declare it.
class UnknownName : public base::Error {
public:
    explicit UnknownName(const std::string& message)
        : Error(message, base::ExitCode::BadArguments) {}
};

/// What the command line says, each value still a text.
struct GivenArguments {
    std::map<const Option*, std::vector<std::string>> values{};  ///< of a flag: "true" or "false"
    std::vector<std::string> words{};                            ///< those that are no options
};

/// Reads `arguments`, without the program's name.
///
/// Shape: `--users=5`, `--users 5`, `-u5`, `-u 5`, `--headless`, `--headless=false`; a long name
/// may be cut as long as it is unique;
///        what follows `--` is no option.
/// Error: UnknownName, with the nearest known name; base::Error, exit code 2, for an ambiguous name
///        or a missing value.
[[nodiscard]] GivenArguments read_arguments(const std::vector<Option>& table,
                                            const std::vector<std::string>& arguments);

/// As far as it can be told while the test's own options are unknown: an unknown one is left out,
/// with the word behind it, which is probably its value. No error.
[[nodiscard]] GivenArguments guess_arguments(const std::vector<Option>& table,
                                             const std::vector<std::string>& arguments);

/// Whether an option is unknown or cut short, so that the test's own could change its meaning.
[[nodiscard]] bool has_inexact_name(const std::vector<Option>& table,
                                    const std::vector<std::string>& arguments);

/// Error: UnknownName with these words, of which one is no known option; or base::Error, exit code
///        2, if no test could declare it.
[[noreturn]] void reject_unknown(const std::vector<Option>& table,
                                 const std::vector<std::string>& words);

}  // namespace cicada::cli
