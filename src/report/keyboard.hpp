// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <termios.h>

#include <optional>
#include <string>

namespace cicada::report {

/// Keys typed at the terminal that stdin is, one by one and not shown. Ctrl-C and Ctrl-Z keep their
/// meaning. Gives the terminal back as it was: in its destructor, at exit, and in a crash.
class Keyboard {
public:
    /// Without a terminal, or in the background, there are no keys.
    Keyboard();
    Keyboard(const Keyboard&) = delete;
    Keyboard& operator=(const Keyboard&) = delete;
    ~Keyboard();

    [[nodiscard]] bool present() const { return present_; }

    /// To wait for; -1: there are no keys.
    [[nodiscard]] int descriptor() const;

    /// What has been typed since. Takes over the terminal anew after Ctrl-Z and fg.
    [[nodiscard]] std::string take();

private:
    bool present_ = false;
};

}  // namespace cicada::report
