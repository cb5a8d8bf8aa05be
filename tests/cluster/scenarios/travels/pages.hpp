// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

inline const std::string kItemPage = "/items/";
