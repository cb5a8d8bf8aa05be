// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace cicada::cli {

/// Declares the test that `cicada URL` is: users that get that URL, one time after the other.
///
/// Error: base::Error, exit code 2, when it is none that can be asked.
void declare_url_user(const std::string& url);

}  // namespace cicada::cli
