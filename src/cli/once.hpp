// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <optional>
#include <string>

#include "http/wire_observer.hpp"

namespace cicada::cli {

/// What `--once` shows: every exchange, and what became of every request, on stdout as they come;
/// and what `--record` keeps.
///
/// It writes on the engine's thread: in such a run nobody is measured. Outlives the run.
class OncePrinter final : public http::WireObserver {
public:
    /// Starts to listen for what is recorded. Error: base::Error when the file cannot be written.
    explicit OncePrinter(const std::optional<std::string>& record_file);

    void on_exchange(const http::SeenExchange& seen) override;

    /// Error: base::Error when the file could not be written to its end.
    void finish();

private:
    void show_task();

    std::optional<std::string> record_file_;
    std::ofstream record_;
    std::string task_;  ///< whose heading was printed last
};

}  // namespace cicada::cli
