#pragma once
#include <functional>
#include <string>
#include <vector>

#include "world.hpp"

/// Requests made from their descriptors and rules.
namespace carillon::walk {

/// A way into a message: the fields from the root to a leaf; lists and maps are entered at their first item.
using Path = std::vector<const protobuf::FieldDescriptor*>;

/// A request with every required field set, and nothing else; names are of `whose`.
std::unique_ptr<protobuf::Message> Needed(const Method& method, const Tenant& whose);
/// A request with every field set that can be; of a oneof the first member.
std::unique_ptr<protobuf::Message> Full(const Method& method, const Tenant& whose);
/// A message with every field set, e.g. an event.
std::unique_ptr<protobuf::Message> FullMessage(const protobuf::Descriptor* type, const Tenant& whose);

/// Every field of a message type and of the messages in it, at most `depth` deep, no type within itself.
std::vector<Path> Fields(const protobuf::Descriptor* type, std::size_t depth = 6);

/// The message that holds the last field of the path, made where it is missing, its required fields set.
protobuf::Message* Reach(protobuf::Message& root, const Path& path, const Tenant& whose);
/// Puts one text into a string field (the only item of a list; the value of a map's only entry).
void Put(protobuf::Message& holder, const protobuf::FieldDescriptor* field, const std::string& text);
/// "customer.contacts[0].number", as a violation names it.
std::string Spelled(const Path& path);

/// Resource names of `whose` that a string field may hold, by its rule or its name; empty for a free text.
std::vector<std::string> NamesFor(const Method& method, const protobuf::FieldDescriptor* field,
                                  const Tenant& whose);

/// A good value of a string under a rule.
std::string GoodText(const protobuf::FieldDescriptor* field, const options::FieldRule& rule,
                     const Tenant& whose);

bool IsWellKnown(const protobuf::Descriptor* type);

}  // namespace carillon::walk
