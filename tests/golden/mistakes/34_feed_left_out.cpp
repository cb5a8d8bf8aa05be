#include <cicada/cicada.hpp>
using namespace cicada;
static const auto rows = csv_feeder("rows.csv", {.at_end = AtEnd::StopRun});
