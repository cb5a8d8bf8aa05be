// SPDX-License-Identifier: Apache-2.0
#include "fiber/crash_report.hpp"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "base/crash.hpp"
#include "fiber/crash_stack.hpp"
#include "fiber/scheduler_impl.hpp"

namespace cicada::fiber {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kReportFaults = false;  // the sanitizer reports them
#else
constexpr bool kReportFaults = true;
#endif
constexpr std::size_t kSignalStackSize = std::size_t{64} * 1024;
constexpr unsigned kNoteLimit_s = 3;  ///< then a handler that hangs on a broken stack is ended

std::atomic<bool> all_is_said{false};  ///< by whoever aborts

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
    [[nodiscard]] std::string_view text() const { return {buffer_.data(), used_}; }

private:
    std::array<char, 512> buffer_{};
    std::size_t used_ = 0;
};

void note_cause_and_say(const SafeText& line) {
    static constexpr std::string_view kBefore = "cicada: ";
    line.write_to_stderr();
    base::CrashNote* const note = base::crash_note();
    if (note == nullptr) return;
    std::string_view cause = line.text();
    if (cause.starts_with(kBefore)) cause.remove_prefix(kBefore.size());
    if (cause.ends_with('\n')) cause.remove_suffix(1);
    base::write_text(note->cause, cause);
}

SafeText overflow_text(const char* label, std::size_t stack_size) {
    SafeText text;
    text << "cicada: stack overflow in task '" << label << "': its stack of " << stack_size / 1024
         << " KiB is used up; give it more with --stack-size\n";
    return text;
}

bool in_guard_of(const FiberState& fiber, const void* address) {
    const auto at = reinterpret_cast<std::uintptr_t>(address);
    const auto low = reinterpret_cast<std::uintptr_t>(fiber.stack.low);
    return at < low && at >= low - kGuardSize;
}

std::string_view name_of_signal(int number) {
    switch (number) {
        case SIGSEGV:
            return "SIGSEGV";
        case SIGBUS:
            return "SIGBUS";
        case SIGABRT:
            return "SIGABRT";
        case SIGFPE:
            return "SIGFPE";
        case SIGILL:
            return "SIGILL";
        default:
            return "a signal";
    }
}

const FiberState* current_fiber() {
    const Scheduler::Impl* scheduler = this_scheduler();
    return scheduler != nullptr ? scheduler->current() : nullptr;
}

// The stack last of all: it may be broken, and walking it the end.
void leave_note(int signal_number, const void* context) {
    base::CrashNote* const note = base::crash_note();
    if (note == nullptr || note->signal != 0) return;
    if (const FiberState* fiber = current_fiber()) base::write_text(note->task, fiber->label);
    note->signal = signal_number;
    note_stack(*note, context);
}

void on_fault(int signal_number, siginfo_t* info, void* context) {
    ::signal(SIGALRM, SIG_DFL);
    ::alarm(kNoteLimit_s);
    base::run_crash_hook();
    const FiberState* fiber = current_fiber();
    const bool overflow =
        signal_number != SIGABRT && fiber != nullptr && in_guard_of(*fiber, info->si_addr);
    if (overflow) {
        note_cause_and_say(overflow_text(fiber->label, fiber->stack.size));
    } else if (fiber != nullptr && !all_is_said) {
        SafeText text;
        text << "cicada: " << name_of_signal(signal_number) << " in task '" << fiber->label
             << "'\n";
        text.write_to_stderr();
    }
    leave_note(signal_number, context);
    ::signal(signal_number, SIG_DFL);  // the fault comes again when this returns, and ends us
    if (info->si_code <= 0) ::raise(signal_number);  // nobody's fault: it was sent
}

void install_handler() {
    struct sigaction action {};
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    for (const int number : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL}) {
        sigaction(number, &action, nullptr);
    }
}

}  // namespace

SignalStack::SignalStack() : memory_(std::make_unique<std::byte[]>(kSignalStackSize)) {
    stack_t stack{};
    stack.ss_sp = memory_.get();
    stack.ss_size = kSignalStackSize;
    sigaltstack(&stack, nullptr);
    if constexpr (kReportFaults) {
        if (base::crash_note() != nullptr) prepare_to_note_stack();
        install_handler();
    }
}

SignalStack::~SignalStack() {
    stack_t stack{};
    stack.ss_flags = SS_DISABLE;
    sigaltstack(&stack, nullptr);
}

void report_overflow_and_abort(const char* label, std::size_t stack_size) {
    base::run_crash_hook();
    note_cause_and_say(overflow_text(label, stack_size));
    all_is_said = true;
    std::abort();
}

void say_and_abort(std::string_view text) {
    base::run_crash_hook();
    SafeText words;
    words << text;
    note_cause_and_say(words);
    all_is_said = true;
    std::abort();
}

}  // namespace cicada::fiber
