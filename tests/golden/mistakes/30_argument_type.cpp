#include <cicada/cicada.hpp>
using namespace cicada;
static const auto pages = argument<int>("--pages", {.default_value = 3});
