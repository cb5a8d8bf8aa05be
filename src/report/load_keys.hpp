// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "base/result.hpp"
#include "run/control.hpp"

namespace cicada::report {

/// Opens `url` as the person's desktop does, by xdg-open, and does not wait for it.
/// Error: there is no display, or no xdg-open.
base::Result<void> open_url(const std::string& url);

/// What the keys do: w and W one and ten users more, s and S fewer, at 100 per second; p pauses the
/// test and lets it go on; Enter opens the page, or says where it is. Any other key does nothing.
/// Source: Locust, input_events.py; p is Cicada's own.
class LoadKeys {
public:
    /// Opens a URL on the person's display. Error: why it cannot, e.g. that there is none.
    using Opener = std::function<base::Result<void>(const std::string& url)>;

    /// `page`: the URL of the run's page; empty: it has none, and Enter does nothing.
    LoadKeys(run::RunControl& run, std::string page, Opener open = open_url)
        : run_(run), page_(std::move(page)), open_(std::move(open)) {}

    /// Says in the log what it does, or why it does not.
    void press(char key);

private:
    void change_users(std::int64_t by);
    void toggle_pause();

    void show_page();

    run::RunControl& run_;
    std::string page_;
    Opener open_;
};

}  // namespace cicada::report
