#include "campaign/domain/grant.hpp"

#include <algorithm>

namespace carillon::campaign::domain {

int Grant(const Agents& agents, int most) {
  return std::clamp(agents.ready - agents.reserved - agents.looking, 0, std::max(most, 0));
}

int GrantBesideCallbacks(int grant, int taken, int due) { return std::max(0, grant - std::max(taken, due)); }

}  // namespace carillon::campaign::domain
