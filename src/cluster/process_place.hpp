// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cluster/journal.hpp"
#include "cluster/journal_memory.hpp"

namespace cicada::cluster {

/// What a parent tells a worker process that it starts, in an environment variable.
struct ProcessPlace {
    static constexpr const char* kVariable = "CICADA_WORKER_PROCESS";

    std::size_t index = 0;  ///< among the processes of this parent
    pid_t parent = 0;
    int journal_fd = -1;
    std::uint16_t master_port = 0;  ///< on 127.0.0.1; 0: the options say where the master is
    bool pinned = false;            ///< to one of the processors the parent may use

    [[nodiscard]] std::string text() const;
    [[nodiscard]] static std::optional<ProcessPlace> from(const std::string& text);
};

/// A process that a parent started as a worker: its place, and the journal it has to keep.
///
/// It dies with its parent. One object per process; lives until its end.
class ChildProcess {
public:
    /// Nothing: no parent has started this process as a worker. The variable is removed, so that
    /// what the process itself starts does not take itself for one.
    ///
    /// Shape: in main(), before there are other threads. Error: base::Error, when what the parent
    ///        says cannot be, or it is gone already.
    [[nodiscard]] static std::unique_ptr<ChildProcess> of_environment();

    [[nodiscard]] const ProcessPlace& place() const { return place_; }
    [[nodiscard]] Journal& journal() { return journal_; }

private:
    ChildProcess(const ProcessPlace& place, JournalMemory memory);

    ProcessPlace place_;
    JournalMemory memory_;
    Journal journal_;
};

}  // namespace cicada::cluster
