// SPDX-License-Identifier: Apache-2.0
#pragma once

// How much a test may do: a sanitizer makes everything ten times as slow, and looks at each kind of
// access rather than at each value.
namespace cicada::base {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr int kTestPower = 1;
#else
inline constexpr int kTestPower = 10;
#endif

}  // namespace cicada::base
