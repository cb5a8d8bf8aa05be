// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "cicada/declared.hpp"
#include "cicada/detail/designated.hpp"
#include "cicada/detail/function.hpp"
#include "cicada/duration.hpp"
#include "cicada/fields.hpp"

/// \file
/// What a test says to its own requests when it is run without a network: `--dry-run=tasks`.
namespace cicada {

/// A request that would be sent. The views hold as long as it is being answered.
struct DryRunRequest {
    std::string_view method;  ///< "GET"
    std::string_view name;    ///< as in the statistics; of a redirect that is followed, its path
    std::string_view host;    ///< "http://localhost:8080"
    std::string_view path;    ///< with the query, as it would be sent
    std::string_view body;    ///< empty for file()
    std::string_view task;    ///< who sends it: "Shopper.browse"
};

/// What comes back, and when.
struct DryRunAnswer {
    detail::WriteDotNameEquals only_named_fields{};
    int status = 200;  ///< 100 to 999
    std::string body{};
    Fields headers{};
    Duration latency = kInherited;  ///< 0 or more; without it --answer-latency, 100 ms
    std::string error{};            ///< not empty: no answer comes at all, and this is why
};

namespace detail {

using DryRunFunction = Function<std::optional<DryRunAnswer>(const DryRunRequest&)>;

Declared declare_dry_run(DryRunFunction answer, const std::source_location& place);

}  // namespace detail

/// Declares how requests are answered in `--dry-run=tasks`:
/// `static const auto answers = on_dry_run([](const DryRunRequest& request) -> DryRunAnswer { ...
/// });`
///
/// It runs in the fiber of the user who sends, in virtual time, and may suspend; an exception fails
/// the request. One that returns std::optional<DryRunAnswer> may leave a request to the next one
/// declared, then to the recorded answers of --answers, then to a plain 200. Never called in a run
/// against servers.
template <class Answer>
    requires std::is_invocable_r_v<std::optional<DryRunAnswer>, Answer&, const DryRunRequest&>
Declared on_dry_run(Answer answer,
                    const std::source_location& place = std::source_location::current()) {
    return detail::declare_dry_run(detail::DryRunFunction(std::move(answer)), place);
}

template <class Answer>
    requires(!std::is_invocable_r_v<std::optional<DryRunAnswer>, Answer&, const DryRunRequest&>)
Declared on_dry_run(Answer answer) __attribute__((
    unavailable("write on_dry_run([](const DryRunRequest& request) -> DryRunAnswer { ... })")));

}  // namespace cicada
