#pragma once

/// How many may be dialled now: one call for each free agent, never more (progressive).
namespace carillon::campaign::domain {

/// What a queue's agents are needed for at one moment.
struct Agents {
  int ready = 0;     ///< ready now, as routing says
  int reserved = 0;  ///< always left to inbound calls
  int looking = 0;  ///< attempts of the queue, over all campaigns and dialers, that are not with an agent yet
};

/// Calls that may be begun.
int Grant(const Agents& agents);

/// Of a grant, those that are no promised calls: `taken` promised ones were leased just now, `due` are due
/// soon (those included), and each keeps an agent for itself.
int GrantBesideCallbacks(int grant, int taken, int due);

}  // namespace carillon::campaign::domain
