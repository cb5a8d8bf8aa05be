// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cicada::base {

/// `hook` is called first of all when the process is about to die by a signal or a broken promise,
/// so that the last words reach the terminal. It may only call what a signal handler may.
///
/// Shape: four at one time; they are called in the order of their slots, each once.
void add_crash_hook(void (*hook)());
void remove_crash_hook(void (*hook)());
void run_crash_hook();

/// What a process that dies leaves in memory that another one can read. Written by signal handlers:
/// plain bytes, texts cut to their room and ended by a zero.
struct CrashNote {
    static constexpr std::size_t kMostFrames = 40;

    struct Frame {
        std::uint64_t offset = 0;        ///< from the symbol; without one, from the file's start
        std::array<char, 120> symbol{};  ///< as the linker knows it; empty: not known
        std::array<char, 120> file{};    ///< program or shared object
    };

    std::atomic<std::int32_t> signal{0};  ///< 0: nothing has happened; set when `task` stands
    std::array<char, 256> task{};         ///< in which it came; empty: outside of any
    std::array<char, 256> cause{};        ///< a sentence, where more is known than the signal
    std::atomic<std::uint32_t> frames_written{0};
    std::array<Frame, kMostFrames> frames{};  ///< innermost first
};

/// Where the crash of this process is to be noted, or null. `note` outlives the process's last
/// fault. Shape: before there are other threads.
void set_crash_note(CrashNote* note);
[[nodiscard]] CrashNote* crash_note();

/// Copies as much of `text` as there is room for. May be called in a signal handler.
template <std::size_t kRoom>
void write_text(std::array<char, kRoom>& to, std::string_view text) {
    const std::size_t size = text.size() < kRoom ? text.size() : kRoom - 1;
    for (std::size_t i = 0; i < size; ++i) to[i] = text[i];
    to[size] = '\0';
}

}  // namespace cicada::base
