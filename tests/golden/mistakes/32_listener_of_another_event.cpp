#include <cicada/cicada.hpp>
using namespace cicada;
static const auto slow = events().request += [](const UserErrorEvent& error) { log::info(error.text); };
