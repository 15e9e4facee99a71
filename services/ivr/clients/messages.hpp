#pragma once
#include "base/call.hpp"
#include "carillon/ivr/v1/machine.pb.h"
#include "ivr/deps.hpp"

/// Carriers of short messages and faxes: the programs of the settings `sms.command` and `fax.command`.
namespace carillon::ivr::clients {

/// The task "send_message": gives the text to the program (on its input, the number in its words) until it
/// ends well or for good; tried again for a quarter of an hour when it says so (exit code 75) or hangs.
Result<void> SendMessage(Call& call, Deps& deps, const v1::SendMessageTask& task);

}  // namespace carillon::ivr::clients
