#pragma once
#include <google/protobuf/message.h>

#include <functional>

#include "base/call.hpp"
#include "base/result.hpp"
#include "customer/deps.hpp"

/// Personal values are shown to a user only by a request that says why, in its field `purpose` or the header
/// carillon-purpose: a code of the list UNMASK_PURPOSE, which the audit trail keeps with what was shown
/// before the answer leaves. Everything else a user asks is answered masked, whatever the user may; our own
/// processes get what they need to dial and print.
namespace carillon::customer::api {

/// Takes customer.unmask away from a call that gives no purpose. CODE_UNKNOWN for a purpose that is none.
Result<void> Narrow(Call& call, Deps& deps, const google::protobuf::Message& in);
/// Masks the operator's masked fields of every customer in the answer.
Result<void> MaskOwnFields(const Call& call, Deps& deps, google::protobuf::Message& out);

/// Both, around every method (rpc::Binder).
Result<void> Veiled(Call& call, Deps& deps, const google::protobuf::Message& in,
                    google::protobuf::Message& out, const std::function<Result<void>()>& serve);

}  // namespace carillon::customer::api
