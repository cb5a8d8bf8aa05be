// SPDX-License-Identifier: Apache-2.0
/// \file
/// For who wants a JSON document as a tree. Not part of cicada.hpp: it takes a second to compile,
/// and needs the headers of nlohmann/json.
#pragma once

#include <nlohmann/json.hpp>

#include "cicada/json_view.hpp"

namespace cicada {

/// A copy of what `view` shows; null if it shows nothing. Other than the view it may be kept, and
/// changed.
inline nlohmann::json to_nlohmann(const JsonView& view) {
    return nlohmann::json::parse(view.dump(), nullptr, false);
}

}  // namespace cicada
