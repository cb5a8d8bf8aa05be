#include <cicada/cicada.hpp>
using namespace cicada;
static const auto hello = on_message("hello", [](std::string text) { log::info(text); });
