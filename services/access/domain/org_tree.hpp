#pragma once
#include <string>
#include <string_view>

#include "base/call.hpp"
#include "base/result.hpp"

/// The tree of org units as paths: /centre/complaints/team1/. A unit is in another when its path begins with
/// the other's. Pure.
namespace carillon::access::domain {

/// The path of a unit called `code` below `parent` ("" = the root).
std::string PathOf(std::string_view parent, std::string_view code);

/// Levels below the root: 0 for the root itself.
int DepthOf(std::string_view path);

/// True when `path` is `scope` or below it; an empty scope holds nothing.
bool IsWithin(std::string_view path, std::string_view scope);

/// The first `levels` steps of the path: 1 = the centre, 2 = the department; the path itself when it is
/// shorter.
std::string TopOf(std::string_view path, int levels);

/// PERMISSION_DENIED UNIT_OUT_OF_SCOPE unless the unit is the caller's own or below it, or the caller is a
/// service.
Result<void> RequireScope(const Principal& who, std::string_view path);

/// FAILED_PRECONDITION UNIT_TOO_DEEP when `path` lies deeper than `levels`.
Result<void> RequireDepth(std::string_view path, int levels);

/// The new path of a unit that moves below `parent`. `deepest` is the longest path of its subtree.
/// FAILED_PRECONDITION UNIT_IS_ROOT, UNIT_CYCLE, UNIT_TOO_DEEP.
Result<std::string> MovedPath(std::string_view path, std::string_view deepest, std::string_view parent,
                              int levels);

}  // namespace carillon::access::domain
