// SPDX-License-Identifier: Apache-2.0
#include "user/limit_names.hpp"

namespace cicada::user {

std::string_view counted_by(LimitKind kind) {
    switch (kind) {
        case LimitKind::Executions:
        case LimitKind::ExecutionsPerUser:
            return "executions";
        case LimitKind::Requests:
            return "requests";
        case LimitKind::Iterations:
        case LimitKind::IterationsPerUser:
            return "iterations";
    }
    return {};
}

}  // namespace cicada::user
