#include "ivr/store/announcements.hpp"

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "ivr/domain/errors.hpp"
#include "ivr/store/statements.hpp"
#include "pg/message.hpp"

namespace carillon::ivr::store {
namespace {

v1::Announcement EntryOf(const pqxx::row& row) {
  auto entry = pg::OfJson<v1::Announcement>(row["announcement"]);
  entry.set_name(pg::NameOf("announcements", row["announcement_id"]));
  entry.set_author(pg::NameOf("users", row["author"]));
  entry.set_approver(pg::NameOf("users", row["approver"]));
  return entry;
}

std::vector<v1::Announcement> EntriesOf(const pqxx::result& rows) {
  std::vector<v1::Announcement> entries;
  for (const auto& row : rows) entries.push_back(EntryOf(row));
  return entries;
}

}  // namespace

v1::Announcement SaveAnnouncement(pg::Tx& tx, const v1::Announcement& entry) {
  v1::Announcement kept = entry;
  kept.clear_name();
  kept.clear_author();
  kept.clear_approver();
  return EntryOf(tx.Exec(sql::kSaveAnnouncement, IdOf(entry.name()), entry.code(),
                         pg::MaybeTime(entry.has_start_time(), entry.start_time()),
                         pg::MaybeTime(entry.has_end_time(), entry.end_time()), IdOf(entry.author()),
                         entry.sound(), pg::JsonOf(kept))[0]);
}

Result<v1::Announcement> LoadAnnouncement(pg::Tx& tx, const std::string& name) {
  const auto rows = tx.Exec(sql::kLoadAnnouncement, IdOf(name));
  if (rows.empty()) return errors::AnnouncementUnknown(name);
  return EntryOf(rows[0]);
}

v1::Announcement ApproveAnnouncement(pg::Tx& tx, const std::string& name, const std::string& approver) {
  return EntryOf(tx.Exec(sql::kApproveAnnouncement, IdOf(name), approver)[0]);
}

std::vector<v1::Announcement> ListAnnouncements(pg::Tx& tx, const std::string& code, const std::string& after,
                                                int limit) {
  const auto slash = after.find('/');
  const bool begun = slash != std::string::npos;
  return EntriesOf(tx.Exec(sql::kListAnnouncements, pg::OrNull(code),
                           begun ? pg::Param(after.substr(0, slash)) : pg::Param(std::nullopt),
                           begun ? pg::Param(after.substr(slash + 1)) : pg::Param(std::nullopt), limit));
}

std::vector<v1::Announcement> AnnouncementsOf(pg::Tx& tx, const std::vector<std::string>& codes,
                                              TimePoint now) {
  return EntriesOf(tx.Exec(sql::kAnnouncementsOf, pg::Array(codes), pg::Time(now)));
}

std::set<std::string> Codes(pg::Tx& tx) {
  std::set<std::string> codes;
  for (const auto& row : tx.Exec(sql::kAnnouncementCodes, pg::Time(tx.now())))
    codes.insert(row["code"].c_str());
  return codes;
}

std::optional<Samples> FindSound(pg::Tx& tx, const std::string& sound) {
  const auto rows = tx.Exec(sql::kFindSound, sound);
  if (rows.empty()) return std::nullopt;
  auto samples = ReadWav(pg::BytesOf(rows[0]["wav"]));
  CARILLON_CHECK(samples);
  return std::move(*samples);
}

void KeepSound(pg::Tx& tx, const std::string& sound, const Samples& samples) {
  tx.Exec(sql::kKeepSound, sound, pg::Bytes(Written(samples, v1::Sound::WAV)), pg::Time(tx.now()));
}

void DropSounds(pg::Tx& tx, TimePoint before) { tx.Exec(sql::kDropSounds, pg::Time(before)); }

}  // namespace carillon::ivr::store
