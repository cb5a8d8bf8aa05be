// SPDX-License-Identifier: Apache-2.0
#include "cli/cluster_secret.hpp"

#include <fmt/format.h>

#include "base/error.hpp"

namespace cicada::cli {
namespace {

using base::Error;
using base::ExitCode;

}  // namespace

std::optional<cluster::ClusterKeys> cluster_keys(const std::optional<std::string>& cluster_secret) {
    if (!cluster_secret) return std::nullopt;
    const auto secret = cluster::secret_of_option(*cluster_secret);
    if (!secret) throw Error(secret.error(), ExitCode::BadArguments);
    const auto keys = cluster::keys_of(*secret);
    if (!keys) throw Error(keys.error(), ExitCode::BadArguments);
    return *keys;
}

std::optional<cluster::Bind> plain_bind(const Settings& settings) {
    if (!settings.plain_bind) return std::nullopt;
    const auto bind = cluster::bind_of(*settings.plain_bind);
    if (!bind) {
        throw Error(fmt::format("argument --plain-bind: '{}' is neither a port nor HOST:PORT",
                                *settings.plain_bind),
                    ExitCode::BadArguments);
    }
    if (!settings.cluster_secret) {
        throw Error("argument --plain-bind: without --cluster-secret the usual port is plain",
                    ExitCode::BadArguments);
    }
    return bind;
}

std::string warning_of_ports(const cluster::RouterOptions& options) {
    if (!options.keys && !cluster::is_loopback(options.host)) {
        return fmt::format(
            "anybody who reaches port {} can join this cluster and read what it says: there is no "
            "--cluster-secret; workers take no code from here",
            options.port);
    }
    if (options.plain) {
        return fmt::format(
            "anybody who reaches {}:{} can join this cluster and read what it says there: "
            "--plain-bind",
            options.plain->host,
            options.plain->port);
    }
    return {};
}

}  // namespace cicada::cli
