#pragma once
#include <string>
#include <string_view>

/// Ids within names, and where pages by id begin.
namespace carillon::customer::store {

/// The last part of "customers/a/relationships/b".
inline std::string LastPart(const std::string& name) { return name.substr(name.rfind('/') + 1); }
/// The customer's id of it.
inline std::string CustomerPart(const std::string& name) { return name.substr(sizeof("customers/") - 1, 36); }

/// What a page by id comes after: the id its token carries, or the one before all.
inline std::string AfterOf(std::string_view after) {
  return after.empty() ? "00000000-0000-0000-0000-000000000000" : std::string(after);
}

}  // namespace carillon::customer::store
