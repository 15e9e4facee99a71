#pragma once
#include <string>

#include "simulator/domain/profile.hpp"

/// A profile as JSON, the form kept in deploy/local/profiles.
namespace carillon::simulator {

std::string ToJson(const Profile& profile);
/// INVALID_ARGUMENT PROFILE_MALFORMED.
Result<Profile> ProfileOfJson(const std::string& text);

}  // namespace carillon::simulator
