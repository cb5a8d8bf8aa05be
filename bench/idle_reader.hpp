// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The p99 of 64 users while a 65th asks for a flood and does not read it, over their p99 without
/// it; the median of five pairs. Below 0: no socket could be had.
double idle_reader_p99_ratio();
