#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "carillon/ivr/v1/announcement.pb.h"
#include "ivr/domain/audio.hpp"
#include "pg/tx.hpp"

/// The prompt library and the sounds that were made.
namespace carillon::ivr::store {

/// Inserts, or replaces by name; whatever approval there was is gone.
v1::Announcement SaveAnnouncement(pg::Tx& tx, const v1::Announcement& entry);
/// NOT_FOUND ANNOUNCEMENT_UNKNOWN.
Result<v1::Announcement> LoadAnnouncement(pg::Tx& tx, const std::string& name);
v1::Announcement ApproveAnnouncement(pg::Tx& tx, const std::string& name, const std::string& approver);
/// By code; `after` is "code/id" of the last one of the page before, `code` empty for all.
std::vector<v1::Announcement> ListAnnouncements(pg::Tx& tx, const std::string& code, const std::string& after,
                                                int limit);
/// Approved and valid, of these codes.
std::vector<v1::Announcement> AnnouncementsOf(pg::Tx& tx, const std::vector<std::string>& codes,
                                              TimePoint now);

/// The codes of the approved ones that are not over.
std::set<std::string> Codes(pg::Tx& tx);

/// A sound by its name, at the line's rate.
std::optional<Samples> FindSound(pg::Tx& tx, const std::string& sound);
/// Keeps one; nothing happens when it is there.
void KeepSound(pg::Tx& tx, const std::string& sound, const Samples& samples);
/// As the worker: sounds made before that no entry of the library uses.
void DropSounds(pg::Tx& tx, TimePoint before);

}  // namespace carillon::ivr::store
