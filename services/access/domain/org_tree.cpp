#include "access/domain/org_tree.hpp"

#include <algorithm>

#include "access/domain/errors.hpp"

namespace carillon::access::domain {

std::string PathOf(std::string_view parent, std::string_view code) {
  return std::string(parent.empty() ? "/" : parent) + std::string(code) + "/";
}

int DepthOf(std::string_view path) {
  return std::max(0, static_cast<int>(std::count(path.begin(), path.end(), '/')) - 2);
}

bool IsWithin(std::string_view path, std::string_view scope) {
  return !scope.empty() && path.starts_with(scope);
}

std::string TopOf(std::string_view path, int levels) {
  std::size_t at = 0;
  for (int i = 0; i < levels; ++i) {
    const auto next = path.find('/', at + 1);
    if (next == std::string_view::npos) return std::string(path);
    at = next;
  }
  return std::string(path.substr(0, at + 1));
}

Result<void> RequireScope(const Principal& who, std::string_view path) {
  if (who.service || IsWithin(path, who.unit)) return Ok();
  return errors::UnitOutOfScope(std::string(path));
}

Result<void> RequireDepth(std::string_view path, int levels) {
  if (DepthOf(path) > levels) return errors::UnitTooDeep(levels);
  return Ok();
}

Result<std::string> MovedPath(std::string_view path, std::string_view deepest, std::string_view parent,
                              int levels) {
  if (DepthOf(path) == 0) return errors::UnitIsRoot();
  if (IsWithin(parent, path)) return errors::UnitCycle();
  const auto code = path.substr(path.rfind('/', path.size() - 2) + 1);
  auto moved = std::string(parent) + std::string(code);
  if (DepthOf(moved) + DepthOf(deepest) - DepthOf(path) > levels) return errors::UnitTooDeep(levels);
  return moved;
}

}  // namespace carillon::access::domain
