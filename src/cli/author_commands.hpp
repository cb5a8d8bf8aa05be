// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

// What a test's author asks for besides running it. `arguments` are those behind the command's own
// word; the result is the program's exit code.
namespace cicada::cli {

/// `cicada new NAME`: writes NAME.cpp, a test to start from, and compile_flags.txt beside it, by
/// which editors find the headers.
/// Error: base::Error when there is such a file already, or none can be written.
int write_new_test(const std::vector<std::string>& arguments);

/// `cicada check [FILES]`: compiles and loads the test, opens its feeders, prints what it declares,
/// and to stderr what the compiler warns of.
/// Error: base::Error with all that is wrong.
int check_test(const std::vector<std::string>& arguments);

}  // namespace cicada::cli
