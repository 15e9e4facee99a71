#include "campaign/domain/grant.hpp"

#include <algorithm>

namespace carillon::campaign::domain {

int Grant(const Agents& agents) { return std::max(0, agents.ready - agents.reserved - agents.looking); }

int GrantBesideCallbacks(int grant, int taken, int due) { return std::max(0, grant - std::max(taken, due)); }

}  // namespace carillon::campaign::domain
