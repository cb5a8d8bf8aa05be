// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "report/captured_streams.hpp"
#include "report/live_screen.hpp"
#include "report/log_queue.hpp"
#include "report/patient_writer.hpp"
#include "report/tables.hpp"
#include "report/terminal.hpp"
#include "run/snapshot.hpp"

namespace cicada::report {

/// What a person looks at: stderr, with a live display when it is a terminal, else line by line.
///
/// Threads: the output thread's, once made.
class Console {
public:
    /// Live: draws the run in place, and captures stdout and stderr for that.
    enum class Display : std::uint8_t { Plain, Live };

    explicit Console(Display wanted);

    /// Live, and the terminal can do it.
    [[nodiscard]] bool live() const { return captured_ != nullptr; }

    /// Names the keys that change the load, and the one that opens a page, or does not.
    void show_keys(bool of_load, bool of_page) {
        shows_keys_ = of_load;
        shows_page_key_ = of_load && of_page;
    }

    /// Draws the run as it is now. Only for a live one.
    void draw(const run::Snapshot& snapshot, base::WallTime now);

    void print(const QueuedLine& line);
    void print(const Lines& lines);

    /// What the program printed meanwhile, above the live display.
    void print_captured();

    /// Goes on with what a stalled terminal did not take.
    void pump() { writer_->pump(); }
    void drain(std::chrono::milliseconds limit) { writer_->drain(limit); }
    [[nodiscard]] bool waiting() const { return writer_->waiting(); }
    [[nodiscard]] int take_error() { return writer_->take_error(); }

    /// Takes the live display away and gives stdout and stderr back; lines may still be printed.
    void end_live();

    [[nodiscard]] int captured_descriptor() const { return live() ? captured_->descriptor() : -1; }

    /// Its width; 0: not a terminal.
    [[nodiscard]] std::size_t columns() const;

private:
    void print_text(std::string_view whole_lines);

    std::unique_ptr<CapturedStreams> captured_;
    int fd_;
    Terminal terminal_;
    std::unique_ptr<PatientWriter> writer_;
    LiveScreen screen_;
    bool shows_keys_ = false;
    bool shows_page_key_ = false;
};

}  // namespace cicada::report
