#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "simulator/domain/plan.hpp"

/// What a caller does on hearing the menu. Callers know nothing of flows: they listen for the words of their
/// need and press the key that is said after them.
namespace carillon::simulator {

/// The words a caller with this need listens for, best first.
const std::vector<std::string_view>& WordsFor(Need need);

/// The key the texts name for the need ("人工服务请按0"), or empty when none fits.
std::string KeyFor(const std::vector<std::string>& texts, Need need);

/// True when the texts ask for the service password.
bool AsksForPassword(const std::vector<std::string>& texts);

}  // namespace carillon::simulator
