#pragma once
#include <carillon/routing/v1/canary.pb.h>

#include <string>
#include <string_view>

/// Changed rules of a queue on a share of its new work: who comes under them, and when they are taken back.
namespace carillon::routing::domain {

namespace pb = carillon::routing::v1;

/// 0 to 99, the same for the same trial and interaction in every process.
int CanaryLotOf(std::string_view uid, std::string_view interaction);

/// The queue with what is on trial as in `policy`, and the rest its own.
pb::Queue Tried(const pb::Queue& queue, const pb::Queue& policy);

/// True when the two differ in nothing that may be on trial.
bool SameOnTrial(const pb::Queue& a, const pb::Queue& b);

/// Levels and means of an arm from its counts.
void Reckon(pb::Canary::Arm& arm);

/// By what the part under the tried rules is served worse than it may be: "SERVICE_LEVEL", "ABANDONMENT" or
/// "WAIT"; "" when it is not, or too few are judged in one of the parts.
std::string WorseBy(const pb::Canary& canary);

}  // namespace carillon::routing::domain
