// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "base/result.hpp"

namespace cicada::cluster {

/// How large a journal may become; only what is written takes memory.
struct JournalLimits {
    static constexpr std::size_t kChunkBytes = std::size_t{64} << 10U;

    std::size_t text_bytes = std::size_t{8} << 20U;  ///< for names; a multiple of 8
    std::size_t chunks = 1'024;                      ///< of records
};

/// Bytes of a journal with these limits.
[[nodiscard]] std::size_t journal_size(const JournalLimits& limits = {});

/// Memory that two processes share: a file without a name, gone with the last of them.
class JournalMemory {
public:
    JournalMemory() = default;
    JournalMemory(JournalMemory&& other) noexcept;
    JournalMemory& operator=(JournalMemory&& other) noexcept;
    ~JournalMemory();

    /// Closed on exec, and can no longer shrink. Error: why the system gives none.
    [[nodiscard]] static base::Result<JournalMemory> create(const JournalLimits& limits = {});

    /// What a parent has made and handed over as descriptor `fd`, which is closed on exec from now
    /// on. Error: this is no such descriptor.
    [[nodiscard]] static base::Result<JournalMemory> adopt(int fd);

    [[nodiscard]] int fd() const { return fd_; }
    [[nodiscard]] std::span<std::byte> bytes() const { return bytes_; }

private:
    JournalMemory(int fd, std::span<std::byte> bytes) : fd_(fd), bytes_(bytes) {}
    [[nodiscard]] static base::Result<JournalMemory> map(int fd, std::size_t size);

    int fd_ = -1;
    std::span<std::byte> bytes_{};
};

}  // namespace cicada::cluster
