// SPDX-License-Identifier: Apache-2.0
#include "fiber/crash_report.hpp"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "base/crash.hpp"
#include "fiber/scheduler_impl.hpp"

namespace cicada::fiber {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kReportFaults = false;  // the sanitizer reports them
#else
constexpr bool kReportFaults = true;
#endif
constexpr std::size_t kSignalStackSize = std::size_t{64} * 1024;

/// Text put together without allocating, for a signal handler.
class SafeText {
public:
    SafeText& operator<<(std::string_view text) {
        const std::size_t room = buffer_.size() - used_;
        const std::size_t taken = text.size() < room ? text.size() : room;
        std::memcpy(buffer_.data() + used_, text.data(), taken);
        used_ += taken;
        return *this;
    }
    SafeText& operator<<(std::size_t number) {
        std::array<char, 20> digits{};
        std::size_t first = digits.size();
        do {
            digits.at(--first) = static_cast<char>('0' + number % 10);
            number /= 10;
        } while (number != 0);
        return *this << std::string_view(digits.data() + first, digits.size() - first);
    }
    void write_to_stderr() const {
        [[maybe_unused]] const auto written = ::write(STDERR_FILENO, buffer_.data(), used_);
    }

private:
    std::array<char, 512> buffer_{};
    std::size_t used_ = 0;
};

void say_overflow(const char* label, std::size_t stack_size) {
    SafeText text;
    text << "cicada: stack overflow in task '" << label << "': its stack of " << stack_size / 1024
         << " KiB is used up; give it more with --stack-size\n";
    text.write_to_stderr();
}

bool in_guard_of(const FiberState& fiber, const void* address) {
    const auto at = reinterpret_cast<std::uintptr_t>(address);
    const auto low = reinterpret_cast<std::uintptr_t>(fiber.stack.low);
    return at < low && at >= low - kGuardSize;
}

void on_fault(int signal_number, siginfo_t* info, void* /*context*/) {
    base::run_crash_hook();
    const Scheduler::Impl* scheduler = this_scheduler();
    const FiberState* fiber = scheduler != nullptr ? scheduler->current() : nullptr;
    if (fiber != nullptr && in_guard_of(*fiber, info->si_addr)) {
        say_overflow(fiber->label, fiber->stack.size);
    } else if (fiber != nullptr) {
        SafeText text;
        text << "cicada: " << (signal_number == SIGBUS ? "SIGBUS" : "SIGSEGV") << " in task '"
             << fiber->label << "'\n";
        text.write_to_stderr();
    }
    signal(signal_number,
           SIG_DFL);  // the fault comes again when this returns, and ends the process
}

void install_handler() {
    struct sigaction action {};
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigaction(SIGSEGV, &action, nullptr);
    sigaction(SIGBUS, &action, nullptr);
}

}  // namespace

SignalStack::SignalStack() : memory_(std::make_unique<std::byte[]>(kSignalStackSize)) {
    stack_t stack{};
    stack.ss_sp = memory_.get();
    stack.ss_size = kSignalStackSize;
    sigaltstack(&stack, nullptr);
    if constexpr (kReportFaults) install_handler();
}

SignalStack::~SignalStack() {
    stack_t stack{};
    stack.ss_flags = SS_DISABLE;
    sigaltstack(&stack, nullptr);
}

void report_overflow_and_abort(const char* label, std::size_t stack_size) {
    base::run_crash_hook();
    say_overflow(label, stack_size);
    std::abort();
}

}  // namespace cicada::fiber
