// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/settings.hpp"
#include "cluster/router.hpp"
#include "cluster/secret.hpp"

namespace cicada::cli {

/// What the nodes of a cluster encrypt with; nothing: no secret is given.
/// Error: base::Error when the secret is too short, or cannot be read.
[[nodiscard]] std::optional<cluster::ClusterKeys> cluster_keys(
    const std::optional<std::string>& cluster_secret);

/// Where a master also listens for workers that cannot encrypt; nothing: nowhere.
/// Error: base::Error when --plain-bind is none, or there is no secret it makes an exception of.
[[nodiscard]] std::optional<cluster::Bind> plain_bind(const Settings& settings);

/// What a person should know of a master's ports: a sentence; empty: nothing.
[[nodiscard]] std::string warning_of_ports(const cluster::RouterOptions& options);

}  // namespace cicada::cli
