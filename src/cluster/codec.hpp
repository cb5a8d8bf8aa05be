// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "cluster/messages.hpp"

namespace cicada::cluster {

/// The bytes of a message, as docs/protocol.md has them: [type, data, node_id] in MessagePack.
///
/// Error: none; what is longer than a limit below is sent all the same, and refused by who reads.
/// Source: Locust, rpc/protocol.py.
[[nodiscard]] std::string encode(const FromWorker& message, std::string_view node_id);
[[nodiscard]] std::string encode(const FromMaster& message, std::string_view node_id);

/// Understands what other nodes send, whatever they send.
///
/// Error: a sentence that names what is wrong: 'heartbeat: "current_cpu_usage" is text, not a
///        number'. Nothing in a message can make it throw, recurse deeper than kDeepest, or take
///        more memory than kMostBytes of a message and kMostValues of values ask for.
/// Threads: one at a time. It keeps memory, and the names it has met, for the next message.
class Decoder {
public:
    static constexpr std::size_t kMostBytes = std::size_t{64} << 20;  ///< of one message
    static constexpr std::size_t kMostValues = 4'000'000;  ///< of one message, 16 bytes each
    static constexpr std::size_t kDeepest = 32;            ///< arrays and maps in each other
    static constexpr std::size_t kLongestText = 64 << 10;  ///< of a name, an error, a log line
    static constexpr std::size_t kMostNames = 20'000;      ///< kept for the next message

    Decoder();
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;
    ~Decoder();

    [[nodiscard]] base::Result<Envelope<FromWorker>> from_worker(std::string_view bytes);
    [[nodiscard]] base::Result<Envelope<FromMaster>> from_master(std::string_view bytes);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace cicada::cluster
