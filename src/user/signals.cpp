// SPDX-License-Identifier: Apache-2.0
#include "user/signals.hpp"

#include <cxxabi.h>

#include <cstdlib>
#include <exception>
#include <memory>
#include <stdexcept>
#include <typeinfo>

#include "user/live_user.hpp"

namespace cicada {

void stop_user() {
    throw user::StopUser{};
}

void interrupt(Then then) {
    const user::LiveUser* const user = user::LiveUser::current();
    if (user == nullptr || !user->is_in_task_set()) {
        throw std::logic_error("interrupt() leaves a task set, and there is none to leave here");
    }
    throw user::Departure{then == Then::PickAtOnce ? user::Outcome::InterruptedAtOnce
                                                   : user::Outcome::Interrupted};
}

void reschedule(Then then) {
    throw user::Departure{then == Then::PickAtOnce ? user::Outcome::PickAtOnce
                                                   : user::Outcome::Finished};
}

}  // namespace cicada

namespace cicada::user {
namespace {

std::string type_name() {
    const std::type_info* type = abi::__cxa_current_exception_type();
    if (type == nullptr) return "unknown";
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> name(
        abi::__cxa_demangle(type->name(), nullptr, nullptr, &status), &std::free);
    if (name == nullptr) return type->name();
    // std::string's own name is a paragraph; nobody thinks of it as that.
    std::string readable = name.get();
    if (readable.starts_with("std::__cxx11::basic_string<char,")) readable = "std::string";
    return readable;
}

}  // namespace

Thrown thrown_now() {
    Thrown thrown{type_name(), {}};
    try {
        throw;
    } catch (const std::exception& exception) {
        thrown.text = exception.what();
    } catch (const std::string& text) {
        thrown.text = text;
    } catch (const char* text) {
        thrown.text = text;
    } catch (int number) {
        thrown.text = std::to_string(number);
    } catch (...) {  // of a type we know nothing of: its name has to do
        thrown.text = "";
    }
    return thrown;
}

}  // namespace cicada::user
