#include <cicada/cicada.hpp>
using namespace cicada;
static const auto made = generator_feeder([](std::int64_t n) { return n; });
