#include "customer/domain/customers.hpp"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "customer/domain/errors.hpp"
#include "customer/domain/identifiers.hpp"

namespace carillon::customer::domain {
namespace {

using namespace std::chrono_literals;

// All of China keeps one time, without summer time.
constexpr auto kChinaOffset = 8h;
constexpr int kElderlyAge = 65;
constexpr int kMostCustomFields = 64;

/// The top-level fields in which a comparison finds a difference.
class FieldNames final : public google::protobuf::util::MessageDifferencer::Reporter {
 public:
  using Message = google::protobuf::Message;
  using Path = std::vector<google::protobuf::util::MessageDifferencer::SpecificField>;
  void ReportAdded(const Message&, const Message&, const Path& path) override { Note(path); }
  void ReportDeleted(const Message&, const Message&, const Path& path) override { Note(path); }
  void ReportModified(const Message&, const Message&, const Path& path) override { Note(path); }
  std::set<std::string> names;

 private:
  void Note(const Path& path) {
    if (path.front().field != nullptr) names.insert(path.front().field->name());
  }
};

bool HoldsActiveAccount(const pb::Customer& customer) {
  return std::any_of(customer.accounts().begin(), customer.accounts().end(),
                     [](const pb::Account& a) { return a.state() == pb::Account::ACTIVE; });
}

bool IsPhoneKind(pb::ContactMedium::Type type) {
  return type == pb::ContactMedium::MOBILE || type == pb::ContactMedium::HOME_PHONE ||
         type == pb::ContactMedium::WORK_PHONE || type == pb::ContactMedium::FAX;
}

bool IsE164(std::string_view number) {
  return number.size() >= 8 && number.size() <= 16 && number[0] == '+' &&
         std::all_of(number.begin() + 1, number.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool IsMail(std::string_view address) {
  const auto at = address.find('@');
  return at != std::string_view::npos && at > 0 && address.find('@', at + 1) == std::string_view::npos &&
         address.find('.', at) != std::string_view::npos && address.back() != '.' &&
         address.find_first_of(" *<>\"") == std::string_view::npos;
}

bool IsDay(const google::type::Date& date) {
  return std::chrono::year_month_day{std::chrono::year{date.year()},
                                     std::chrono::month{static_cast<unsigned>(date.month())},
                                     std::chrono::day{static_cast<unsigned>(date.day())}}
      .ok();
}

std::string Trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

std::string At(const char* list, int index, const char* field) {
  return "customer." + std::string(list) + "[" + std::to_string(index) + "]." + field;
}

class Checker {
 public:
  Checker(pb::Customer& customer, TimePoint now) : customer_(customer), now_(now) {}

  Result<void> Run() {
    Party();
    Identifiers();
    Contacts();
    Accounts();
    Rest();
    if (!violations_.empty()) return errors::Invalid(std::move(violations_));
    return Ok();
  }

 private:
  void Bad(std::string field, std::string what) {
    violations_.push_back({std::move(field), std::move(what)});
  }

  void Party() {
    if (customer_.has_person()) {
      auto& person = *customer_.mutable_person();
      person.set_full_name(Trimmed(person.full_name()));
      Name(person.full_name(), "customer.person.full_name");
      if (person.has_birth_date()) {
        const auto& born = person.birth_date();
        const bool year_only = born.year() != 0 && born.month() == 0 && born.day() == 0;
        if (born.year() < 1850 || (!year_only && !IsDay(born)) || born.year() > CivilYear()) {
          Bad("customer.person.birth_date", "is no day in the past");
        }
      }
    } else if (customer_.has_organisation()) {
      auto& organisation = *customer_.mutable_organisation();
      organisation.set_full_name(Trimmed(organisation.full_name()));
      Name(organisation.full_name(), "customer.organisation.full_name");
    } else {
      Bad("customer.party", "is required: a person or an organisation");
    }
    customer_.set_display_name(customer_.has_person() ? customer_.person().full_name()
                                                      : customer_.organisation().full_name());
  }

  void Name(const std::string& name, const char* field) {
    if (name.empty()) Bad(field, "is required");
    if (name.find('*') != std::string::npos) Bad(field, "is masked");
  }

  void Identifiers() {
    std::set<std::pair<int, std::string>> seen;
    for (int i = 0; i < customer_.identifiers_size(); ++i) {
      auto& identifier = *customer_.mutable_identifiers(i);
      identifier.set_number(NormalizedNumber(identifier.type(), identifier.number()));
      const std::string field = At("identifiers", i, "number");
      if (identifier.type() == pb::Identifier::TYPE_UNSPECIFIED)
        Bad(At("identifiers", i, "type"), "is required");
      if (auto problem = NumberProblem(identifier.type(), identifier.number()); !problem.empty()) {
        Bad(field, std::move(problem));
        continue;
      }
      if (!seen.emplace(identifier.type(), identifier.number()).second) Bad(field, "is given twice");
      if (identifier.type() == pb::Identifier::USCC && customer_.has_person()) {
        Bad(At("identifiers", i, "type"), "is for organisations");
      }
      if (identifier.type() != pb::Identifier::RESIDENT_ID) continue;
      if (customer_.has_organisation()) {
        Bad(At("identifiers", i, "type"), "is for persons");
        continue;
      }
      const auto facts = ReadResidentId(identifier.number());
      auto& person = *customer_.mutable_person();
      if (!person.has_birth_date()) {
        person.mutable_birth_date()->set_year(facts->year);
        person.mutable_birth_date()->set_month(facts->month);
        person.mutable_birth_date()->set_day(facts->day);
      }
      if (person.gender() == pb::Person::GENDER_UNSPECIFIED) person.set_gender(facts->gender);
    }
  }

  void Contacts() {
    std::set<std::pair<int, std::string>> seen;
    std::set<int> primary;
    for (int i = 0; i < customer_.contacts_size(); ++i) {
      auto& medium = *customer_.mutable_contacts(i);
      if (medium.type() == pb::ContactMedium::TYPE_UNSPECIFIED) Bad(At("contacts", i, "type"), "is required");
      if (IsPhoneKind(medium.type())) {
        if (!IsE164(medium.number())) Bad(At("contacts", i, "number"), "is no phone number");
        if (!medium.address().empty()) Bad(At("contacts", i, "address"), "is not of a phone");
        if (!seen.emplace(medium.type(), medium.number()).second)
          Bad(At("contacts", i, "number"), "is given twice");
      } else {
        medium.set_address(Trimmed(medium.address()));
        const bool mail =
            medium.type() == pb::ContactMedium::EMAIL || medium.type() == pb::ContactMedium::EBILL_MAILBOX;
        if (medium.address().empty()) {
          Bad(At("contacts", i, "address"), "is required");
        } else if (mail && !IsMail(medium.address())) {
          Bad(At("contacts", i, "address"), "is no mail address");
        }
        if (!medium.number().empty()) Bad(At("contacts", i, "number"), "is of phones only");
        if (!seen.emplace(medium.type(), medium.address()).second)
          Bad(At("contacts", i, "address"), "is given twice");
      }
      if (medium.primary() && !primary.insert(medium.type()).second) {
        Bad(At("contacts", i, "primary"), "is set for two of a kind");
      }
    }
    for (auto& medium : *customer_.mutable_contacts()) {
      if (primary.insert(medium.type()).second) medium.set_primary(true);
    }
  }

  void Accounts() {
    std::set<std::string> seen;
    for (int i = 0; i < customer_.accounts_size(); ++i) {
      auto& account = *customer_.mutable_accounts(i);
      account.set_number(NormalizedNumber(pb::Identifier::OTHER, account.number()));
      if (account.number().empty()) Bad(At("accounts", i, "number"), "is required");
      if (account.number().find('*') != std::string::npos) Bad(At("accounts", i, "number"), "is masked");
      if (account.type().empty()) Bad(At("accounts", i, "type"), "is required");
      if (!seen.insert(account.type() + " " + account.number()).second)
        Bad(At("accounts", i, "number"), "is given twice");
      if (account.state() == pb::Account::STATE_UNSPECIFIED) account.set_state(pb::Account::ACTIVE);
      for (const auto* date : {account.has_open_date() ? &account.open_date() : nullptr,
                               account.has_expiry_date() ? &account.expiry_date() : nullptr}) {
        if (date != nullptr && !IsDay(*date)) Bad(At("accounts", i, "open_date"), "or expiry_date is no day");
      }
    }
  }

  void Rest() {
    std::set<std::string> dimensions;
    for (int i = 0; i < customer_.segments_size(); ++i) {
      auto& segment = *customer_.mutable_segments(i);
      if (!dimensions.insert(segment.dimension()).second)
        Bad(At("segments", i, "dimension"), "is given twice");
      if (!segment.has_compute_time()) *segment.mutable_compute_time() = ToProto(now_);
    }
    std::set<std::pair<int, int>> consents;
    for (int i = 0; i < customer_.consents_size(); ++i) {
      auto& consent = *customer_.mutable_consents(i);
      if (!consents.emplace(consent.channel(), consent.purpose()).second) {
        Bad(At("consents", i, "purpose"), "is given twice for its channel");
      }
      if (!consent.has_decide_time()) *consent.mutable_decide_time() = ToProto(now_);
    }
    for (int i = 0; i < customer_.identifiers_size(); ++i) {
      if (customer_.identifiers(i).has_expiry_date() && !IsDay(customer_.identifiers(i).expiry_date())) {
        Bad(At("identifiers", i, "expiry_date"), "is no day");
      }
    }
    if (customer_.custom_fields().fields_size() > kMostCustomFields) {
      Bad("customer.custom_fields", "has more than " + std::to_string(kMostCustomFields) + " fields");
    }
    if (customer_.has_source() && customer_.source().system().empty() != customer_.source().key().empty()) {
      Bad("customer.source", "needs both system and key");
    }
    if (customer_.has_source() && customer_.source().system().empty()) customer_.clear_source();
    if (customer_.grade() == pb::Customer::GRADE_UNSPECIFIED) customer_.set_grade(pb::Customer::STANDARD);
  }

  int CivilYear() const {
    return static_cast<int>(
        std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(now_ + kChinaOffset)}.year());
  }

  pb::Customer& customer_;
  TimePoint now_;
  std::vector<Violation> violations_;
};

void Advance(pb::Customer& customer, TimePoint now) {
  *customer.mutable_update_time() = ToProto(now);
  customer.set_etag(std::to_string(std::atoll(customer.etag().c_str()) + 1));
}

}  // namespace

Result<std::string> ClientFor(const Principal& who, std::string_view wanted) {
  if (wanted.empty()) {
    if (who.clients.empty()) return std::string();
    if (who.clients.size() > 1) return errors::ClientRequired();
    return "clients/" + who.clients.front();
  }
  TRY(const std::string id, IdOfName(wanted, "clients", "customer.client"));
  const bool serves =
      who.service || std::find(who.clients.begin(), who.clients.end(), id) != who.clients.end();
  if (!serves) return errors::ClientForbidden();
  return "clients/" + id;
}

Result<pb::Customer> Created(pb::Customer draft, const std::string& id, const std::string& client,
                             const Principal& who, TimePoint now) {
  draft.set_name("customers/" + id);
  draft.set_client(client);
  draft.clear_alerts();
  draft.clear_merged_into();
  draft.clear_has_service_password();
  TRY_VOID(Checker(draft, now).Run());
  draft.set_state(HoldsActiveAccount(draft) ? pb::Customer::ACTIVE : pb::Customer::PROSPECT);
  if (draft.life_cycle_stage() == pb::Customer::LIFE_CYCLE_STAGE_UNSPECIFIED) {
    draft.set_life_cycle_stage(HoldsActiveAccount(draft) ? pb::Customer::DEVELOPMENT
                                                         : pb::Customer::ACQUISITION);
  }
  if (draft.owner_unit().empty()) draft.set_owner_unit(who.unit);
  if (draft.owner_user().empty()) draft.set_owner_user(who.service ? who.user : "users/" + who.user);
  *draft.mutable_create_time() = ToProto(now);
  draft.clear_etag();
  Advance(draft, now);
  return draft;
}

Result<void> RequireOpen(const pb::Customer& customer) {
  switch (customer.state()) {
    case pb::Customer::CLOSED:
      return errors::Closed(customer.name());
    case pb::Customer::MERGED:
      return errors::Merged(customer.name(), customer.merged_into());
    case pb::Customer::ERASED:
      return errors::Erased(customer.name());
    default:
      return Ok();
  }
}

Result<pb::Customer> Recomposed(const pb::Customer& before, pb::Customer wanted, TimePoint now) {
  TRY_VOID(RequireOpen(before));
  // What only the service sets, and what is settled at creation.
  wanted.set_name(before.name());
  wanted.set_client(before.client());
  wanted.set_state(before.state());
  *wanted.mutable_alerts() = before.alerts();
  wanted.set_merged_into(before.merged_into());
  wanted.set_has_service_password(before.has_service_password());
  wanted.set_etag(before.etag());
  *wanted.mutable_create_time() = before.create_time();
  *wanted.mutable_update_time() = before.update_time();
  wanted.clear_source();
  if (before.has_source()) *wanted.mutable_source() = before.source();
  if (before.party_case() != wanted.party_case()) {
    return errors::Invalid(
        {{"customer.party", "a person never becomes an organisation, nor the other way round"}});
  }
  TRY_VOID(Checker(wanted, now).Run());
  const auto changed = ChangedFields(before, wanted);
  if (wanted.state() == pb::Customer::PROSPECT && HoldsActiveAccount(wanted)) {
    wanted.set_state(pb::Customer::ACTIVE);
    if (wanted.life_cycle_stage() == pb::Customer::ACQUISITION)
      wanted.set_life_cycle_stage(pb::Customer::DEVELOPMENT);
  }
  if (!changed.empty()) Advance(wanted, now);
  return wanted;
}

Result<pb::Customer> Updated(const pb::Customer& before, pb::Customer wanted, TimePoint now) {
  TRY(auto after, Recomposed(before, std::move(wanted), now));
  for (const pb::Alert& alert : before.alerts()) {
    if (alert.severity() != pb::Alert::BLOCK) continue;
    const auto changed = ChangedFields(before, after);
    if (std::find(changed.begin(), changed.end(), "accounts") != changed.end()) {
      return errors::Blocked(alert.name(), alert.code());
    }
  }
  return after;
}

bool HoldsAccount(const pb::Customer& customer) {
  return std::any_of(customer.accounts().begin(), customer.accounts().end(), [](const pb::Account& a) {
    return a.state() != pb::Account::CLOSED && a.state() != pb::Account::EXPIRED;
  });
}

Result<pb::Customer> Closed(const pb::Customer& before, TimePoint now) {
  TRY_VOID(RequireOpen(before));
  if (HoldsAccount(before)) return errors::HasAccounts(before.name());
  pb::Customer after = before;
  after.set_state(pb::Customer::CLOSED);
  Advance(after, now);
  return after;
}

Result<pb::Customer> Suspended(const pb::Customer& before, TimePoint now) {
  TRY_VOID(RequireOpen(before));
  pb::Customer after = before;
  if (before.state() == pb::Customer::SUSPENDED) return after;
  after.set_state(pb::Customer::SUSPENDED);
  Advance(after, now);
  return after;
}

Result<pb::Customer> Resumed(const pb::Customer& before, TimePoint now) {
  TRY_VOID(RequireOpen(before));
  pb::Customer after = before;
  if (before.state() != pb::Customer::SUSPENDED) return after;
  after.set_state(HoldsAccount(before) ? pb::Customer::ACTIVE : pb::Customer::PROSPECT);
  Advance(after, now);
  return after;
}

Result<pb::Customer> Alerted(const pb::Customer& before, pb::Alert alert, const std::string& alert_id,
                             const std::string& by, TimePoint now) {
  if (before.state() != pb::Customer::CLOSED) TRY_VOID(RequireOpen(before));
  if (alert.has_expire_time() && FromProto(alert.expire_time()) <= now) return errors::AlertExpired();
  pb::Customer after = before;
  alert.set_name(before.name() + "/alerts/" + alert_id);
  alert.set_raised_by(by);
  *alert.mutable_raise_time() = ToProto(now);
  pb::Alert* standing = nullptr;
  for (pb::Alert& other : *after.mutable_alerts()) {
    if (other.code() == alert.code() && other.subject() == alert.subject()) standing = &other;
  }
  if (standing != nullptr) {
    alert.set_name(standing->name());
    *standing = alert;
  } else {
    *after.add_alerts() = alert;
  }
  Advance(after, now);
  return after;
}

const pb::Alert* FindAlert(const pb::Customer& customer, std::string_view code, std::string_view subject) {
  const auto at = std::find_if(
      customer.alerts().begin(), customer.alerts().end(),
      [&](const pb::Alert& alert) { return alert.code() == code && alert.subject() == subject; });
  return at == customer.alerts().end() ? nullptr : &*at;
}

bool NeedsSupervisor(const pb::Alert& alert) {
  return alert.code() == "ABUSIVE_CALLER" || alert.code() == "PROFESSIONAL_COMPLAINANT";
}

pb::Customer Cleared(const pb::Customer& before, std::string_view alert_name, TimePoint now) {
  pb::Customer after = before;
  auto& alerts = *after.mutable_alerts();
  alerts.erase(std::remove_if(alerts.begin(), alerts.end(),
                              [&](const pb::Alert& alert) { return alert.name() == alert_name; }),
               alerts.end());
  Advance(after, now);
  return after;
}

pb::Customer Touched(const pb::Customer& before, TimePoint now) {
  pb::Customer after = before;
  if (before.state() == pb::Customer::DORMANT) {
    after.set_state(pb::Customer::ACTIVE);
    Advance(after, now);
  }
  return after;
}

pb::Customer NotToBeCalled(const pb::Customer& before, const std::string& evidence, TimePoint said,
                           TimePoint now) {
  pb::Customer after = before;
  if (before.state() == pb::Customer::ERASED) return after;
  bool changed = false;
  for (const auto purpose : {pb::Consent::MARKETING, pb::Consent::RESEARCH}) {
    pb::Consent* consent = nullptr;
    for (auto& known : *after.mutable_consents()) {
      if (known.channel() == carillon::type::v1::VOICE && known.purpose() == purpose) consent = &known;
    }
    if (consent != nullptr &&
        (consent->decision() == pb::Consent::WITHDRAWN || FromProto(consent->decide_time()) > said)) {
      continue;
    }
    if (consent == nullptr) consent = after.add_consents();
    consent->set_channel(carillon::type::v1::VOICE);
    consent->set_purpose(purpose);
    consent->set_decision(pb::Consent::WITHDRAWN);
    consent->set_evidence(evidence);
    *consent->mutable_decide_time() = ToProto(said);
    changed = true;
  }
  if (changed) Advance(after, now);
  return after;
}

pb::Customer Silent(const pb::Customer& before, TimePoint now) {
  pb::Customer after = before;
  if (before.state() == pb::Customer::ACTIVE) {
    after.set_state(pb::Customer::DORMANT);
    Advance(after, now);
  }
  return after;
}

void DropExpired(pb::Customer& customer, TimePoint now) {
  auto& alerts = *customer.mutable_alerts();
  alerts.erase(std::remove_if(alerts.begin(), alerts.end(),
                              [&](const pb::Alert& a) {
                                return a.has_expire_time() && FromProto(a.expire_time()) <= now;
                              }),
               alerts.end());
}

std::vector<pb::Customer::Grade> GradesOf(const pb::ListCustomersRequest& filter) {
  std::vector<pb::Customer::Grade> grades;
  for (const int grade : filter.grades()) grades.push_back(static_cast<pb::Customer::Grade>(grade));
  if (filter.grade() == pb::Customer::GRADE_UNSPECIFIED) return grades;
  return {filter.grade()};
}

Result<void> RequireFilter(const pb::ListCustomersRequest& filter) {
  std::vector<Violation> bad;
  for (int i = 0; i < filter.grades_size(); ++i) {
    if (filter.grades(i) == pb::Customer::GRADE_UNSPECIFIED ||
        !pb::Customer::Grade_IsValid(filter.grades(i))) {
      bad.push_back({"grades[" + std::to_string(i) + "]", "is no grade"});
    }
  }
  const auto& grades = filter.grades();
  if (filter.grade() != pb::Customer::GRADE_UNSPECIFIED && !grades.empty() &&
      std::find(grades.begin(), grades.end(), filter.grade()) == grades.end()) {
    bad.push_back({"grade", "is none of grades"});
  }
  for (int i = 0; i < filter.lacks_size(); ++i) {
    if (std::find(filter.holds().begin(), filter.holds().end(), filter.lacks(i)) != filter.holds().end()) {
      bad.push_back({"lacks[" + std::to_string(i) + "]", "is in holds too"});
    }
  }
  std::map<std::string, std::string> segments;
  for (int i = 0; i < filter.segments_size(); ++i) {
    const auto& segment = filter.segments(i);
    const auto [kept, isnew] = segments.emplace(segment.substr(0, segment.find('=')), segment);
    if (!isnew && kept->second != segment) {
      bad.push_back({"segments[" + std::to_string(i) + "]",
                     "asks for a second value of its dimension, and a customer has one"});
    }
  }
  if (filter.max_birth_year() != 0 && filter.min_birth_year() > filter.max_birth_year()) {
    bad.push_back({"max_birth_year", "is before min_birth_year"});
  }
  if (!bad.empty()) return errors::FilterInvalid(std::move(bad));
  return Ok();
}

std::vector<std::string> ChangedFields(const pb::Customer& before, const pb::Customer& after) {
  FieldNames changed;
  google::protobuf::util::MessageDifferencer differ;
  differ.ReportDifferencesTo(&changed);
  differ.Compare(before, after);
  changed.names.erase("etag");
  changed.names.erase("update_time");
  return {changed.names.begin(), changed.names.end()};
}

std::vector<std::string> CallableNumbers(const pb::Customer& customer) {
  std::set<std::string> numbers;
  for (const auto& medium : customer.contacts()) {
    if (IsPhoneKind(medium.type())) numbers.insert(medium.number());
  }
  return {numbers.begin(), numbers.end()};
}

pb::CustomerState StateOf(const pb::Customer& customer) {
  pb::CustomerState out;
  out.set_name(customer.name());
  out.set_client(customer.client());
  out.set_state(customer.state());
  out.set_organisation(customer.has_organisation());
  out.set_masked_display_name(MaskedName(customer.display_name()));
  out.set_grade(customer.grade());
  out.set_life_cycle_stage(customer.life_cycle_stage());
  out.set_home_region(customer.home_region());
  out.set_brand(customer.brand());
  out.set_preferred_language(customer.preferred_language());
  out.set_birth_year(customer.person().birth_date().year());
  *out.mutable_segments() = customer.segments();
  out.set_do_not_contact(customer.do_not_contact());
  *out.mutable_consents() = customer.consents();
  std::set<std::string> codes;
  for (const auto& alert : customer.alerts()) codes.insert(alert.code());
  for (const auto& code : codes) out.add_alert_codes(code);
  std::set<std::string> types;
  for (const auto& account : customer.accounts()) {
    if (account.state() != pb::Account::CLOSED) types.insert(account.type());
  }
  for (const auto& type : types) out.add_account_types(type);
  out.set_owner_unit(customer.owner_unit());
  out.set_owner_user(customer.owner_user());
  out.set_etag(customer.etag());
  *out.mutable_create_time() = customer.create_time();
  *out.mutable_update_time() = customer.update_time();
  return out;
}

std::string MaskedName(std::string_view name) {
  if (name.empty()) return "";
  std::size_t end = 1;
  while (end < name.size() && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) ++end;
  return std::string(name.substr(0, end)) + "**";
}

bool IsVip(pb::Customer::Grade grade) {
  return grade == pb::Customer::GOLD || grade == pb::Customer::DIAMOND;
}

bool IsElderly(const pb::Customer& customer, TimePoint now) {
  const auto& needs = customer.special_needs();
  if (std::find(needs.begin(), needs.end(), "ELDERLY") != needs.end()) return true;
  return customer.person().birth_date().year() != 0 && !TurnsElderlyAt(customer, now);
}

std::optional<TimePoint> TurnsElderlyAt(const pb::Customer& customer, TimePoint now) {
  const auto& born = customer.person().birth_date();
  if (born.year() == 0) return std::nullopt;
  using namespace std::chrono;
  year_month_day day{year{born.year() + kElderlyAge}, month{static_cast<unsigned>(std::max(1, born.month()))},
                     std::chrono::day{static_cast<unsigned>(std::max(1, born.day()))}};
  if (!day.ok()) day = day.year() / day.month() / last;  // born on 29 February
  const TimePoint at = TimePoint{sys_days{day}} - kChinaOffset;
  return at > now ? std::optional(at) : std::nullopt;
}

}  // namespace carillon::customer::domain
