#pragma once
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

/// Identifiers: UUIDv7 (RFC 9562), lower case, so that ids sort by the time they were made.
namespace carillon {

/// A new id whose time part is `now` (business time, so that a replayed day sorts as it happened).
std::string NewId(TimePoint now);

/// The same id for the same parts, always: UUIDv5-like (SHA-1 free: a keyed 128-bit hash), for ids that a
/// retry must make again, e.g. the request_id of a call that one of our own steps makes.
std::string DerivedId(std::string_view scope, std::string_view part);

/// True for 8-4-4-4-12 hexadecimal digits, either case.
bool IsUuid(std::string_view text);

/// "customers/0190…" -> "0190…" when `name` is `collection`/uuid; else INVALID_ARGUMENT NAME_MALFORMED with
/// `field`.
Result<std::string> IdOfName(std::string_view name, std::string_view collection,
                             std::string_view field = "name");

/// What a name ends with: "customers/0190…" -> "0190…", and an id stays as it is. For names that a rule has
/// checked.
std::string IdOf(std::string_view name);

/// Lower-case hexadecimal.
std::string Hex(std::string_view bytes);

}  // namespace carillon
