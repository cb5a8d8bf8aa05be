// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <tl/expected.hpp>

namespace cicada::base {

/// An outcome to be expected: a value, or the text of what went wrong.
template <class Value, class Failure = std::string>
using Result = tl::expected<Value, Failure>;

template <class Failure>
auto failure(Failure why) {
    return tl::unexpected<Failure>(std::move(why));
}

}  // namespace cicada::base
