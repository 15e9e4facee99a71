#pragma once
#include <google/protobuf/message.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/call.hpp"
#include "base/result.hpp"

/// What the options of the .proto say about a message type, worked out once a type and cached for ever.
/// Thread-safe.
namespace carillon::rpc {

/// Every field of `request` that breaks its (rule), with its path; empty = all is well. Limits nobody
/// declared are enforced too: a string 1,024 bytes and no zero byte among them, a list or map 1,000 items,
/// bytes 512 KiB, an enum only values it names, a number no NaN and no infinity, and Google's Timestamp,
/// Duration, Date and Money the ranges their own .proto gives them.
std::vector<Violation> Check(const google::protobuf::Message& request);

/// What a user sees in clear because of a permission: paths of fields, and the names of the resources they
/// are of.
struct Shown {
  std::set<std::string> fields, resources;
  bool operator==(const Shown&) const = default;
};

/// Replaces every (sensitive) value that `who` may not see by its masked form, and tells which stay in clear
/// by a permission (nothing for a service). C3 is always masked.
Shown Mask(google::protobuf::Message& message, const Principal& who);

/// Replaces every (sensitive) value, for logs, audit rows and events.
void MaskAll(google::protobuf::Message& message);

/// The resources a request is about: what it holds as `name` or `parent`, and every value that reads as
/// collection/{uuid}, two messages deep; never of a (sensitive) field. At most 100.
std::vector<std::string> ResourceNames(const google::protobuf::Message& request);

/// How a value looks masked: form is the number of carillon.options.v1.Sensitivity.Mask.
std::string Masked(std::string_view value, int form);

}  // namespace carillon::rpc
