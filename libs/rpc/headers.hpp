#pragma once
#include <string>
#include <string_view>

/// Headers beside the message, for the few methods that a browser meets directly (cookies). Valid while a
/// unary handler runs, on its thread; outside of one nothing is found and nothing is kept.
namespace carillon::rpc {

/// A header of the request by its lower-case name, empty when it has none. Not checked by anybody: whatever
/// the caller sent.
std::string RequestHeader(const std::string& name);

/// One cookie of the request's `cookie` header, empty when there is none of that name.
std::string RequestCookie(std::string_view name);

/// Adds a header to the answer. Sent with an answer and with an error alike.
void AddAnswerHeader(const std::string& name, const std::string& value);

}  // namespace carillon::rpc
