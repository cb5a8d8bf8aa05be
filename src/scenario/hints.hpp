// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cicada::scenario {

/// One more line for the author, and whether all that follows is a consequence of what it names.
struct Hint {
    std::string text;
    bool explains_the_rest = false;
};

/// What to do about a compiler's message, if we know better than the compiler.
///
/// `call` is the author's code from the place of the error on; `public_headers` is where the fields
/// of option structs are read from.
std::optional<Hint> hint_for(const std::string& message,
                             std::string_view call,
                             const std::filesystem::path& public_headers);

/// The fields of struct `name` in the public headers, in order; empty if there is no such struct.
std::vector<std::string> fields_of(const std::string& name,
                                   const std::filesystem::path& public_headers);

}  // namespace cicada::scenario
