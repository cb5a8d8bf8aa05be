// SPDX-License-Identifier: Apache-2.0
#include <cicada/runner.hpp>

int main(int argc, char** argv) {
    return cicada::main(argc, argv);
}
