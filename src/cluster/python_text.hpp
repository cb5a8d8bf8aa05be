// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace cicada::cluster {

/// The text as Python's repr() shows it: quoted, by "" if only ' is in it, control characters and
/// the backslash escaped. Characters beyond ASCII stay as they are.
/// Source: CPython, Objects/unicodeobject.c, unicode_repr().
[[nodiscard]] std::string python_repr(std::string_view text);

/// Under which Locust counts an error: the SHA-256 of method, name and repr of the error, in hex.
/// Source: Locust, stats.py, StatsError.create_key().
[[nodiscard]] std::string locust_error_key(std::string_view method,
                                           std::string_view name,
                                           std::string_view error);

}  // namespace cicada::cluster
