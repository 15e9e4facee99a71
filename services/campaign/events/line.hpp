#pragma once
#include "carillon/campaign/v1/dialling.pb.h"
#include "carillon/routing/v1/interaction.pb.h"
#include "carillon/telephony/v1/call.pb.h"

/// What the line and the router say of an attempt, whatever was known before.
namespace carillon::campaign::events {

void TellOfLine(const carillon::telephony::v1::Call& call, v1::AttemptRecord& record);
void TellOfWork(const carillon::routing::v1::Interaction& interaction, v1::AttemptRecord& record);

/// What a cause is in words of a campaign.
v1::Disposition WordOf(carillon::telephony::v1::Call::Cause cause);

}  // namespace carillon::campaign::events
