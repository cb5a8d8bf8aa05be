// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unwind.h>

#include <chrono>
#include <cstdint>
#include <typeinfo>

#include "cicada/fiber.hpp"
#include "cicada/sync.hpp"
#include "fiber/wait.hpp"

// NOLINTNEXTLINE: the name is the C++ ABI's
extern "C" _Unwind_Reason_Code __gxx_personality_v0(int version,
                                                    _Unwind_Action actions,
                                                    _Unwind_Exception_Class exception_class,
                                                    _Unwind_Exception* exception,
                                                    _Unwind_Context* context);

namespace cicada::fiber {
namespace {

/// The header the C++ runtime puts before an exception object.
/// Source: Itanium C++ ABI, section 2.2.1, with the fields of GCC's libsupc++/unwind-cxx.h.
struct ExceptionHeader {
    const std::type_info* type = nullptr;
    void (*destroy)(void*) = nullptr;
    void (*on_unexpected)() = nullptr;
    void (*on_terminate)() = nullptr;
    void* next = nullptr;
    int handler_count = 0;
    int handler_switch_value = 0;
    const unsigned char* action_record = nullptr;
    const unsigned char* language_data = nullptr;
    std::uintptr_t landing_pad = 0;
    void* adjusted_object = nullptr;
    _Unwind_Exception unwind{};
};

/// An exception that is never thrown, only asked about.
struct Probe {
    ExceptionHeader header;
    FiberCancelled object;
};

struct Search {
    Probe probe;
    bool found = false;
};

constexpr _Unwind_Exception_Class kGnuCxx = 0x474e5543432b2b00;  // "GNUCC++\0"

_Unwind_Reason_Code look_at_frame(_Unwind_Context* context, void* argument) {
    auto& search = *static_cast<Search*>(argument);
    if (_Unwind_GetLanguageSpecificData(context) == nullptr) return _URC_NO_REASON;
    const _Unwind_Reason_Code answer =
        __gxx_personality_v0(1, _UA_SEARCH_PHASE, kGnuCxx, &search.probe.header.unwind, context);
    if (answer != _URC_HANDLER_FOUND) return _URC_NO_REASON;
    search.found = true;
    return _URC_END_OF_STACK;
}

/// Whether an exception of type `type`, thrown here, would reach a handler before a function that
/// must not throw: a destructor, most of all. Asks each frame's personality routine what it would
/// do, as the first phase of a throw does.
bool would_be_caught(const std::type_info& type) {
    Search search;
    search.probe.header.type = &type;
    search.probe.header.unwind.exception_class = kGnuCxx;
    _Unwind_Backtrace(look_at_frame, &search);
    return !search.found || search.probe.header.landing_pad != 0;
}

bool is_cancelled(const FiberState& fiber) {
    return fiber.cancel_requested && fiber.shields == 0 &&
           (fiber.drain_scopes == 0 || fiber.drain_over);
}

const TimeLimit* expired_limit(const FiberState& fiber) {
    const TimeLimit* outermost = nullptr;
    for (const TimeLimit* limit = fiber.limits; limit != nullptr; limit = limit->outer) {
        if (limit->expired && limit->shields >= fiber.shields) outermost = limit;
    }
    return outermost;
}

}  // namespace

bool may_throw(const std::type_info& type) {
    return std::uncaught_exceptions() == 0 && would_be_caught(type);
}

bool interrupted_in_fact(const FiberState& fiber) {
    if (std::uncaught_exceptions() > 0) return false;
    if (is_cancelled(fiber)) return would_be_caught(typeid(FiberCancelled));
    return expired_limit(fiber) != nullptr && would_be_caught(typeid(TimeoutExpired));
}

void throw_interruption(const FiberState& fiber) {
    if (is_cancelled(fiber)) throw FiberCancelled{};
    const std::chrono::duration<double> length = expired_limit(fiber)->length;
    throw TimeoutExpired(fmt::format("the timeout of {:g} s has expired", length.count()));
}

void interrupt(FiberState& fiber) {
    this_scheduler()->make_runnable(fiber);
}

}  // namespace cicada::fiber
