// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace cicada::fiber {

/// A stack of its own for signal handlers on the calling thread, since a fiber that has used up its
/// own has none left; and, for the whole process, the handler that names the task in which a
/// fatal signal (SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL) came, and says so when its stack is used
/// up. What it knows is also left in base::crash_note(), with the stack's functions.
class SignalStack {
public:
    SignalStack();
    SignalStack(const SignalStack&) = delete;
    SignalStack& operator=(const SignalStack&) = delete;
    ~SignalStack();

private:
    std::unique_ptr<std::byte[]> memory_;
};

/// `cicada: stack overflow in task 'x': ...` on stderr, then abort.
[[noreturn]] void report_overflow_and_abort(const char* label, std::size_t stack_size);

/// Any other line, likewise. Shape: at most 512 bytes, ends with a line break.
[[noreturn]] void say_and_abort(std::string_view line);

}  // namespace cicada::fiber
