// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>

namespace cicada::detail {

template <class Signature>
class Function;

/// A callable of any type, owned; move-only. Calling an empty one is undefined.
///
/// Instead of std::function, whose header is a fifth of all that a test file reads.
template <class Result, class... Arguments>
class Function<Result(Arguments...)> {
public:
    Function() noexcept = default;

    template <class Callable>
        requires(!std::same_as<Callable, Function> &&
                 std::is_invocable_r_v<Result, Callable&, Arguments...>)
    Function(Callable callable)
        : callable_(new Callable(std::move(callable))),
          call_(call<Callable>),
          destroy_(destroy<Callable>) {}

    Function(Function&& other) noexcept
        : callable_(std::exchange(other.callable_, nullptr)),
          call_(other.call_),
          destroy_(other.destroy_) {}

    Function& operator=(Function&& other) noexcept {
        std::swap(callable_, other.callable_);
        std::swap(call_, other.call_);
        std::swap(destroy_, other.destroy_);
        return *this;
    }

    ~Function() {
        if (callable_ != nullptr) destroy_(callable_);
    }

    Result operator()(Arguments... arguments) const {
        return call_(callable_, std::forward<Arguments>(arguments)...);
    }

    explicit operator bool() const { return callable_ != nullptr; }

private:
    template <class Callable>
    static Result call(void* callable, Arguments... arguments) {
        return (*static_cast<Callable*>(callable))(std::forward<Arguments>(arguments)...);
    }

    template <class Callable>
    static void destroy(void* callable) {
        delete static_cast<Callable*>(callable);
    }

    void* callable_ = nullptr;
    Result (*call_)(void*, Arguments...) = nullptr;
    void (*destroy_)(void*) = nullptr;
};

}  // namespace cicada::detail
