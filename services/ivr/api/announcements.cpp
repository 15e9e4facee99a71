#include "ivr/store/announcements.hpp"

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "crypto/digest.hpp"
#include "ivr/api/api.hpp"
#include "ivr/clients/speech.hpp"
#include "ivr/domain/announcements.hpp"
#include "ivr/domain/errors.hpp"
#include "rpc/page.hpp"

namespace carillon::ivr::api {
namespace {

struct Made {
  std::string sound;
  Samples samples;
};

/// What a text sounds like, spoken unless it has been before.
Result<Made> Spoken(Call& call, Deps& deps, const std::string& text, const std::string& language,
                    const std::string& voice) {
  TRY(const std::string speaker, clients::SpeakerOf(deps, language, voice));
  Made made{clients::SoundOfText(deps, speaker, text), {}};
  TRY(auto kept, deps.db.Read(call, [&](pg::Tx& tx) -> Result<std::optional<Samples>> {
    return store::FindSound(tx, made.sound);
  }));
  if (kept) {
    made.samples = std::move(*kept);
    return made;
  }
  TRY(made.samples, clients::Speak(call, deps, speaker, text));
  return made;
}

Result<Made> SoundOf(Call& call, Deps& deps, const v1::SetAnnouncementRequest& in) {
  const auto& entry = in.announcement();
  if (in.recording().empty()) return Spoken(call, deps, entry.text(), entry.language(), entry.voice());
  TRY(const Samples recorded, ReadWav(in.recording()));
  return Made{Hex(crypto::Sha256(in.recording())), ForLine(recorded)};
}

}  // namespace

Result<v1::Announcement> SetAnnouncement(Call& call, Deps& deps, const v1::SetAnnouncementRequest& in) {
  v1::Announcement entry = in.announcement();
  if (entry.has_start_time() && entry.has_end_time() &&
      FromProto(entry.end_time()) <= FromProto(entry.start_time())) {
    return InvalidArgument("FIELD_INVALID", "an announcement ends after it begins",
                           {{"announcement.end_time", "is not after start_time"}});
  }
  TRY(const Made made, SoundOf(call, deps, in));
  const auto longest = LongestOf(entry.purpose());
  if (made.samples.length() > longest) {
    return InvalidArgument("ANNOUNCEMENT_TOO_LONG", "at most " + std::to_string(longest.count()) + " seconds",
                           {{"announcement.text", "lasts too long"}});
  }
  entry.set_kind(in.recording().empty() ? v1::Announcement::SPOKEN : v1::Announcement::RECORDED);
  *entry.mutable_length() = ToProto(Duration{made.samples.length()});
  entry.set_sound(made.sound);
  entry.set_author("users/" + call.principal.user);
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<v1::Announcement> {
    if (entry.name().empty()) {
      entry.set_name("announcements/" + NewId(call.now));
    } else if (!in.announcement().name().empty()) {
      TRY(const auto before, store::LoadAnnouncement(tx, entry.name()));
    }
    store::KeepSound(tx, made.sound, made.samples);
    return store::SaveAnnouncement(tx, entry);
  });
}

Result<v1::Announcement> ApproveAnnouncement(Call& call, Deps& deps,
                                             const v1::ApproveAnnouncementRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<v1::Announcement> {
    TRY(const auto entry, store::LoadAnnouncement(tx, in.name()));
    if (entry.author() == "users/" + call.principal.user) return errors::AnnouncementSelfApproved(in.name());
    return store::ApproveAnnouncement(tx, in.name(), call.principal.user);
  });
}

Result<v1::ListAnnouncementsResponse> ListAnnouncements(Call& call, Deps& deps,
                                                        const v1::ListAnnouncementsRequest& in) {
  TRY(const std::string after, rpc::PageKey(in.page_token(), in.code()));
  const int size = rpc::PageSize(in.page_size());
  TRY(const auto entries, deps.db.Read(call, [&](pg::Tx& tx) -> Result<std::vector<v1::Announcement>> {
    return store::ListAnnouncements(tx, in.code(), after, size + 1);
  }));
  v1::ListAnnouncementsResponse out;
  for (const auto& entry : entries) {
    if (out.announcements_size() == size) {
      const auto& last = out.announcements(size - 1);
      out.set_next_page_token(rpc::PageToken(last.code() + "/" + IdOf(last.name()), in.code()));
      break;
    }
    *out.add_announcements() = entry;
  }
  return out;
}

Result<v1::Sound> Speak(Call& call, Deps& deps, const v1::SpeakRequest& in) {
  if (in.announcement().empty() == in.text().empty()) {
    return InvalidArgument("FIELD_INVALID", "either an announcement or a text is spoken",
                           {{"text", "is given besides an announcement, or instead of neither"}});
  }
  Made made;
  if (in.text().empty()) {
    TRY(made, deps.db.Read(call, [&](pg::Tx& tx) -> Result<Made> {
      TRY(const auto entry, store::LoadAnnouncement(tx, in.announcement()));
      return Made{entry.sound(), store::FindSound(tx, entry.sound()).value()};
    }));
  } else {
    TRY(made, Spoken(call, deps, in.text(), in.language().empty() ? "zh-CN" : in.language(), in.voice()));
    TRY_VOID(deps.db.Write(call, [&](pg::Tx& tx) -> Result<void> {
      store::KeepSound(tx, made.sound, made.samples);
      return Ok();
    }));
  }
  v1::Sound out;
  out.set_format(in.format() == v1::Sound::FORMAT_UNSPECIFIED ? v1::Sound::WAV : in.format());
  out.set_content(Written(made.samples, out.format()));
  *out.mutable_length() = ToProto(Duration{made.samples.length()});
  out.set_sound(made.sound);
  return out;
}

}  // namespace carillon::ivr::api
