// SPDX-License-Identifier: Apache-2.0
#include "cluster/report_sum.hpp"

#include <algorithm>

namespace cicada::cluster {
namespace {

void add(std::vector<run::ArrivalProgress>& sums, const run::ArrivalProgress& one) {
    const auto found =
        std::find_if(sums.begin(), sums.end(), [&one](const run::ArrivalProgress& sum) {
            return sum.name == one.name;
        });
    if (found == sums.end()) {
        sums.push_back(one);
        return;
    }
    found->planned += one.planned;
    found->begun += one.begun;
    found->done += one.done;
    found->delayed += one.delayed;
    found->dropped += one.dropped;
    found->users += one.users;
    found->busy += one.busy;
    found->max_users += one.max_users;
    found->more_to_come = found->more_to_come || one.more_to_come;
}

void add(std::vector<user::LimitProgress>& sums, const user::LimitProgress& one) {
    const auto found =
        std::find_if(sums.begin(), sums.end(), [&one](const user::LimitProgress& sum) {
            return sum.name == one.name && sum.kind == one.kind;
        });
    if (found == sums.end()) {
        sums.push_back(one);
        return;
    }
    found->total = std::max(found->total, one.total);
    found->done += one.done;
    found->cut_off += one.cut_off;
}

}  // namespace

void add_work(run::EngineReport& sum, const run::EngineReport& worker) {
    for (const run::ArrivalProgress& arrivals : worker.arrivals) add(sum.arrivals, arrivals);
    for (const user::LimitProgress& limit : worker.limits) add(sum.limits, limit);
    if (worker.limits_part_done) {  // each says its own part of the whole
        sum.limits_part_done =
            std::min(1.0, sum.limits_part_done.value_or(0) + *worker.limits_part_done);
    }
    sum.stops_asked = std::max(sum.stops_asked, worker.stops_asked);
    sum.quit_asked = sum.quit_asked || worker.quit_asked;
    if (!sum.exit_code) sum.exit_code = worker.exit_code;
    sum.listener_threw = sum.listener_threw || worker.listener_threw;
}

}  // namespace cicada::cluster
