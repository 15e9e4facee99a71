#include "ivr/store/sayings.hpp"

#include <algorithm>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "ivr/api/api.hpp"
#include "ivr/domain/errors.hpp"
#include "ivr/domain/menus.hpp"
#include "ivr/store/flows.hpp"

namespace carillon::ivr::api {
namespace {

/// Fifteen seconds of speech: five Chinese characters or fifteen letters a second.
Result<void> CheckTexts(const v1::Notice& notice) {
  if (notice.texts().empty()) {
    return InvalidArgument("FIELD_INVALID", "a notice needs words", {{"notice.texts", "is required"}});
  }
  for (const auto& [language, text] : notice.texts()) {
    const std::string field = "notice.texts[" + language + "]";
    const auto characters = std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
    const bool letters = static_cast<std::size_t>(characters) == text.size();
    if (language.empty() || language.size() > 16) {
      return InvalidArgument("FIELD_INVALID", "a language has 1 to 16 letters",
                             {{field, "names no language"}});
    }
    if (characters == 0 || characters > (letters ? 220 : 75)) {
      return InvalidArgument("NOTICE_TOO_LONG", "a notice lasts at most fifteen seconds",
                             {{field, "1 to 75 characters of Chinese, 220 of other scripts"}});
    }
  }
  return Ok();
}

}  // namespace

Result<v1::ImportRowsResponse> ImportRows(Call& call, Deps& deps, const v1::ImportRowsRequest& in) {
  std::vector<v1::DataRow> rows(in.rows().begin(), in.rows().end());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].table() == in.table()) continue;
    return InvalidArgument("FIELD_INVALID", "one import fills one table",
                           {{"rows[" + std::to_string(i) + "].table", "is not " + in.table()}});
  }
  // Of two rows with one key the later counts.
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& one, const auto& other) { return one.key() < other.key(); });
  const auto last = std::unique(rows.rbegin(), rows.rend(),
                                [](const auto& one, const auto& other) { return one.key() == other.key(); });
  rows.erase(rows.begin(), last.base());
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<v1::ImportRowsResponse> {
    store::PutRows(tx, in.table(), rows, in.replace());
    v1::ImportRowsResponse out;
    out.set_rows(static_cast<int>(rows.size()));
    return out;
  });
}

Result<v1::Notice> SetNotice(Call& call, Deps& deps, const v1::SetNoticeRequest& in) {
  TRY_VOID(CheckTexts(in.notice()));
  if (FromProto(in.notice().end_time()) <= FromProto(in.notice().start_time())) {
    return InvalidArgument("FIELD_INVALID", "a notice ends after it begins",
                           {{"notice.end_time", "is not after start_time"}});
  }
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<v1::Notice> {
    v1::Notice notice = in.notice();
    if (notice.name().empty()) {
      notice.set_name("notices/" + NewId(call.now));
    } else {
      TRY_VOID(IdOfName(notice.name(), "notices", "notice.name"));
      TRY(const auto before, store::LockNotice(tx, notice.name()));
    }
    if (!notice.service_number().empty()) {
      TRY(const auto number, store::LoadNumber(tx, notice.service_number()));
    }
    notice.set_author(call.principal.user);
    return store::SaveNotice(tx, notice);
  });
}

Result<v1::Notice> ApproveNotice(Call& call, Deps& deps, const v1::ApproveNoticeRequest& in) {
  return deps.db.Write(call, [&](pg::Tx& tx) -> Result<v1::Notice> {
    TRY(const auto notice, store::LockNotice(tx, in.name()));
    if (notice.author() == "users/" + call.principal.user) return errors::NoticeSelfApproved(in.name());
    return store::ApproveNotice(tx, in.name(), call.principal.user);
  });
}

Result<v1::ListNoticesResponse> ListNotices(Call& call, Deps& deps, const v1::ListNoticesRequest&) {
  return deps.db.Read(call, [&](pg::Tx& tx) -> Result<v1::ListNoticesResponse> {
    v1::ListNoticesResponse out;
    for (auto& notice : store::Notices(tx, call.now)) *out.add_notices() = std::move(notice);
    return out;
  });
}

Result<v1::MenuChoice> ExplainMenu(Call& call, Deps& deps, const v1::ExplainMenuRequest& in) {
  TRY(const auto number,
      deps.db.Read(call, [&](pg::Tx& tx) { return store::LoadNumber(tx, in.service_number()); }));
  TRY(const auto zone, ZoneOf(number));
  const Listener listener{in.grade(), in.region(), number.brand(),
                          in.language().empty() ? number.language() : in.language()};
  return ChooseMenu(number.menus(), listener, zone.ToLocal(in.has_time() ? FromProto(in.time()) : call.now));
}

}  // namespace carillon::ivr::api
