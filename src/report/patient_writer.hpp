// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cicada::report {

/// Writes to a terminal, pipe or file that may stall, without ever waiting for it.
///
/// What is not taken at once is kept, up to kMostWaiting bytes; beyond that whole calls are dropped
/// and their lines counted, and the count is written as soon as there is room again.
class PatientWriter {
public:
    static constexpr std::size_t kMostWaiting = std::size_t{256} * 1024;

    /// Opens what `fd` leads to once more; `fd` itself may be closed afterwards.
    explicit PatientWriter(int fd);
    PatientWriter(const PatientWriter&) = delete;
    PatientWriter& operator=(const PatientWriter&) = delete;
    ~PatientWriter();

    void write(std::string_view bytes);

    /// Goes on with what waits.
    void pump();

    /// pump() until nothing waits any more or `limit` has passed.
    void drain(std::chrono::milliseconds limit);

    [[nodiscard]] bool waiting() const { return !waiting_.empty(); }

    /// The errno that ended or disturbed the output, once; 0: none since the last call. After a
    /// closed pipe everything is dropped.
    [[nodiscard]] int take_error();

private:
    void fail(int error);

    int fd_ = -1;
    std::string waiting_;
    std::uint64_t dropped_lines_ = 0;
    int error_ = 0;
    bool dead_ = false;
};

}  // namespace cicada::report
