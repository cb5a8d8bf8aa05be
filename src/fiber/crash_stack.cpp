// SPDX-License-Identifier: Apache-2.0
#include "fiber/crash_stack.hpp"

#include <dlfcn.h>
#include <execinfo.h>
#include <ucontext.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace cicada::fiber {
namespace {

// Beside those of the note: the handler's own.
constexpr std::size_t kMostAddresses = base::CrashNote::kMostFrames + 8;

void* interrupted_at(const void* context) {
    const auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
    return reinterpret_cast<void*>(machine.gregs[REG_RIP]);
#elif defined(__aarch64__)
    return reinterpret_cast<void*>(machine.pc);
#else
    return nullptr;
#endif
}

void write_frame(base::CrashNote::Frame& frame, const void* address) {
    Dl_info info{};
    if (dladdr(address, &info) == 0) {
        frame.offset = reinterpret_cast<std::uintptr_t>(address);
        return;
    }
    if (info.dli_fname != nullptr) base::write_text(frame.file, info.dli_fname);
    const bool named = info.dli_sname != nullptr && info.dli_saddr != nullptr;
    if (named) base::write_text(frame.symbol, info.dli_sname);
    frame.offset = reinterpret_cast<std::uintptr_t>(address) -
                   reinterpret_cast<std::uintptr_t>(named ? info.dli_saddr : info.dli_fbase);
}

}  // namespace

void prepare_to_note_stack() {
    std::array<void*, 2> addresses{};
    [[maybe_unused]] const int count =
        backtrace(addresses.data(), static_cast<int>(addresses.size()));
}

void note_stack(base::CrashNote& note, const void* context) {
    std::array<void*, kMostAddresses> addresses{};
    const int count = backtrace(addresses.data(), static_cast<int>(addresses.size()));
    const auto end = addresses.begin() + std::max(count, 0);
    auto at = std::find(addresses.begin(), end, interrupted_at(context));
    if (at == end) at = addresses.begin();  // a call of what is no function: its caller follows
    std::uint32_t written = 0;
    for (; at != end && written < base::CrashNote::kMostFrames; ++at) {
        write_frame(note.frames[written], *at);
        note.frames_written = ++written;
    }
}

}  // namespace cicada::fiber
