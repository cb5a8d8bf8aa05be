// SPDX-License-Identifier: Apache-2.0
#include "cluster/messages.hpp"

#include <algorithm>
#include <array>

namespace cicada::cluster {
namespace {

// In the order of the variants; custom messages bring their own.
constexpr std::array<std::string_view, std::variant_size_v<FromWorker>> kFromWorker{
    "client_ready",
    "locustfile",
    "heartbeat",
    "spawning",
    "spawning_complete",
    "stats",
    "exception",
    "logs",
    "client_stopped",
    "quit",
    "",
    "cicada_hello",
    "cicada_report",
    "cicada_commands_done",
    "cicada_log",
    "cicada_ask_for_part",
    "cicada_test_misfit",
};

constexpr std::array<std::string_view, std::variant_size_v<FromMaster>> kFromMaster{
    "ack",
    "spawn",
    "spawning_complete",
    "stop",
    "quit",
    "heartbeat",
    "reconnect",
    "update_user_class",
    "locustfile",
    "locustfile",
    "",
    "cicada_welcome",
    "cicada_refused",
    "cicada_commands",
    "cicada_report_done",
    "cicada_test_offer",
    "cicada_test_part",
};

}  // namespace

bool is_reserved(std::string_view type) {
    const auto has = [&](const auto& types) {
        return std::find(types.begin(), types.end(), type) != types.end();
    };
    return has(kFromWorker) || has(kFromMaster) || type.starts_with("cicada_");
}

std::string_view type_of(const FromWorker& message) {
    const auto* custom = std::get_if<from_worker::Custom>(&message);
    return custom != nullptr ? custom->type : kFromWorker[message.index()];
}

std::string_view type_of(const FromMaster& message) {
    const auto* custom = std::get_if<from_master::Custom>(&message);
    return custom != nullptr ? custom->type : kFromMaster[message.index()];
}

}  // namespace cicada::cluster
