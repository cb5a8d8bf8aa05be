// SPDX-License-Identifier: Apache-2.0
#include "cli/url_user.hpp"

#include <cicada/user.hpp>
#include <cicada/users.hpp>

#include "base/error.hpp"
#include "http/url.hpp"
#include "user/registry.hpp"

namespace cicada::cli {
namespace {

class UrlUser : public HttpUser {};

}  // namespace

void declare_url_user(const std::string& url) {
    const auto parsed = http::Url::parse(url);
    if (!parsed) throw base::Error(parsed.error(), base::ExitCode::BadArguments);
    if (parsed->scheme != "http") {
        throw base::Error("only http:// URLs can be tested: " + url, base::ExitCode::BadArguments);
    }
    users<UrlUser>().host(parsed->origin()).task("get", [target = parsed->target()](UrlUser& user) {
        user.client.get(target);
    });
    user::registry().seal();
}

}  // namespace cicada::cli
