#include <cicada/cicada.hpp>
using namespace cicada;
static const auto pages = argument<std::int64_t>("--pages", {.defualt_value = 3});
