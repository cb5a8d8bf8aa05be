// SPDX-License-Identifier: Apache-2.0
// What on_dry_run() declares; src/run/answers.cpp asks it.
#include <cicada/dry_run.hpp>
#include <utility>

#include "user/registry.hpp"

namespace cicada::detail {

Declared declare_dry_run(DryRunFunction answer, const std::source_location& place) {
    user::registry().expect_unsealed("on_dry_run()", place);
    user::registry().add(std::move(answer));
    return {};
}

}  // namespace cicada::detail
