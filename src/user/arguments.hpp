// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cicada/argument.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace cicada::detail {

/// One argument<T>() of a test, kept by the registry until exit. Never throws while a file is
/// loaded, as the rest of the registry.
struct ArgumentSlot {
    std::string flag;  ///< "--product"
    std::variant<bool, std::int64_t, double, std::string, std::chrono::nanoseconds>
        value;  ///< of the type it was declared with; the default until one is assigned
    std::string help;
    std::string environment;  ///< a variable that sets it; empty: none
    std::vector<std::string> choices;
    bool required = false;
    bool secret = false;
    Place place;
    bool given = false;
};

}  // namespace cicada::detail

namespace cicada::user {

class Registry;
using detail::ArgumentSlot;

/// It takes no value on the command line: `--flag` is `assign(slot, "true")`.
[[nodiscard]] bool is_flag(const ArgumentSlot& argument);

/// For the help: "TEXT", "N", "NUMBER", "TIME"; empty for a flag.
[[nodiscard]] std::string_view value_name(const ArgumentSlot& argument);

/// For a person: its present value as it would be written; "***" instead of a secret.
[[nodiscard]] std::string shown_value(const ArgumentSlot& argument);

/// Reads `text` into the argument. Error: what is wrong, to stand behind its flag and a colon:
/// `"x" is no whole number`. The value of a secret is not in it.
base::Result<void> assign(ArgumentSlot& argument, std::string_view text);

/// Those that are required and were not given.
[[nodiscard]] std::vector<const ArgumentSlot*> missing_arguments(const Registry& registry);

}  // namespace cicada::user
