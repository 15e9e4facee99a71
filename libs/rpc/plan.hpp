#pragma once
#include <google/protobuf/message.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/call.hpp"
#include "base/result.hpp"

/// What the options of the .proto say about a message type, worked out once a type and cached for ever.
/// Thread-safe.
namespace carillon::rpc {

/// Every field of `request` that breaks its (rule), with its path; empty = all is well. Limits nobody
/// declared are enforced too: a string 1,024 bytes, a list or map 1,000 items, bytes 512 KiB, an enum only
/// values it names.
std::vector<Violation> Check(const google::protobuf::Message& request);

/// Replaces every (sensitive) value that `who` may not see by its masked form. C3 is always masked.
void Mask(google::protobuf::Message& message, const Principal& who);

/// Replaces every (sensitive) value, for logs, audit rows and events.
void MaskAll(google::protobuf::Message& message);

/// How a value looks masked: form is the number of carillon.options.v1.Sensitivity.Mask.
std::string Masked(std::string_view value, int form);

}  // namespace carillon::rpc
