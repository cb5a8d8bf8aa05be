// SPDX-License-Identifier: Apache-2.0
#include "run/machine_watch.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace cicada::run {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// A root with proc and sys of our own making.
struct FakeMachine {
    FakeMachine() { fs::remove_all(root); }
    FakeMachine(const FakeMachine&) = delete;
    FakeMachine& operator=(const FakeMachine&) = delete;
    ~FakeMachine() { fs::remove_all(root); }

    void write(const fs::path& file, const std::string& text) const {
        fs::create_directories((root / file).parent_path());
        std::ofstream(root / file) << text;
    }
    void quota(const fs::path& group, int periods, int throttled) const {
        write("sys/fs/cgroup" / group / "cpu.stat",
              "usage_usec 5\nnr_periods " + std::to_string(periods) + "\nnr_throttled " +
                  std::to_string(throttled) + "\nthrottled_usec 77\n");
    }

    fs::path root = fs::temp_directory_path() / ("machine_watch." + std::to_string(::getpid()));
};

TEST_CASE("stolen CPU time is the eighth column of /proc/stat") {
    // Goal: what the hypervisor took, as a part of all CPU time.
    // Method: two pictures of the file; 200 ticks between them, 30 of them stolen.
    const FakeMachine machine;
    machine.write("proc/stat", "cpu  100 0 50 800 0 0 10 40 5 5\ncpu0 1 2 3\n");
    MachineWatch watch(machine.root);
    machine.write("proc/stat", "cpu  150 0 70 900 0 0 10 70 99 99\ncpu0 1 2 3\n");
    const stats::MachineUse use = watch.look();
    CHECK(use.cpu == 200'000ms / ::sysconf(_SC_CLK_TCK));
    CHECK(use.stolen == 30'000ms / ::sysconf(_SC_CLK_TCK));
    CHECK(watch.look().cpu == 0ns);
}

TEST_CASE("of a cgroup and those around it, the one stopped most counts") {
    // Goal: a quota of an outer cgroup is seen; only what happened meanwhile counts.
    // Method: both kinds of cgroup files, a quota on the outer one.
    for (const std::string& controllers : {std::string(), std::string("cpu,cpuacct")}) {
        const FakeMachine machine;
        const fs::path mount(controllers);
        machine.write("proc/self/cgroup",
                      "9:memory:/elsewhere\n0:" + controllers + ":/outer/inner\n");
        machine.quota(mount / "outer/inner", 0, 0);
        machine.quota(mount / "outer", 100, 90);
        MachineWatch watch(machine.root);
        machine.quota(mount / "outer", 150, 100);
        const stats::MachineUse use = watch.look();
        CHECK(use.quota_periods == 50);
        CHECK(use.throttled_periods == 10);
        CHECK(watch.look().quota_periods == 0);
    }
}

TEST_CASE("a machine that shows nothing takes nothing") {
    // Goal: no proc, no sys, or nonsense in them: zeroes.
    // Method: an empty root, then files of the wrong form.
    const FakeMachine machine;
    MachineWatch empty(machine.root);
    CHECK(empty.look().cpu == 0ns);
    machine.write("proc/stat", "nothing of the kind");
    machine.write("proc/self/cgroup", "x\n::\n3:cpu:\n");
    machine.write("sys/fs/cgroup/cpu/cpu.stat", "nr_periods many");
    MachineWatch odd(machine.root);
    CHECK(odd.look().quota_periods == 0);
}

TEST_CASE("this machine can be watched") {
    // Goal: the real files are understood.
    // Method: CPU time passes between two looks, here with nothing but the looks themselves.
    MachineWatch watch;
    std::chrono::nanoseconds seen{};
    for (int look = 0; look < 2'000 && seen == 0ns; ++look) seen += watch.look().cpu;
    CHECK(seen > 0ns);
}

}  // namespace
}  // namespace cicada::run
