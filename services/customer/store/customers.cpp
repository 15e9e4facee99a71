#include "customer/store/customers.hpp"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "customer/domain/errors.hpp"
#include "customer/store/names.hpp"
#include "customer/store/privacy.hpp"
#include "customer/store/statements.hpp"
#include "pg/message.hpp"
#include "text/phone.hpp"
#include "text/text.hpp"

namespace carillon::customer::store {
namespace {

using nlohmann::json;

/// The rows of kInsertParts.
void ClearParts(pb::Customer& customer) {
  customer.clear_identifiers();
  customer.clear_contacts();
  customer.clear_accounts();
  customer.clear_segments();
  customer.clear_consents();
}
bool InParts(const std::string& field) {
  static const std::set<std::string> kFields{"identifiers",   "contacts",     "accounts",
                                             "segments",      "consents",     "client",
                                             "custom_fields", "display_name", "addresses"};
  return kFields.contains(field);
}

std::set<std::string> TermsOf(const std::string& text) {
  const auto terms = text::QueryTerms(text);
  return {terms.begin(), terms.end()};
}

/// What its addresses of service are found by.
std::set<std::string> PlaceTerms(const pb::Customer& customer) {
  std::set<std::string> out;
  for (const auto& one : customer.addresses()) {
    if (one.type() != carillon::type::v1::Address::SERVICE) continue;
    out.merge(TermsOf(one.province() + " " + one.city() + " " + one.district() + " " + one.detail()));
  }
  return out;
}

/// A customer as the statements take it: the JSON form of the .proto, numbers sealed, and beside it ids,
/// hashes, terms.
json Document(const Vault& vault, const pb::Customer& customer, const std::vector<pb::CustomField>& fields) {
  pb::Customer sealed = customer;
  sealed.clear_alerts();
  vault.Seal(sealed);
  json row = json::parse(pg::JsonOf(sealed, true));
  row["id"] = IdOf(customer.name());
  row["client_id"] = customer.client().empty() ? json() : json(IdOf(customer.client()));
  row["party_type"] = customer.has_person() ? "PERSON" : "ORGANISATION";
  row["party"] = row[customer.has_person() ? "person" : "organisation"];
  const int year = customer.person().birth_date().year();
  row["birth_year"] = year == 0 ? json() : json(year);
  for (int i = 0; i < customer.identifiers_size(); ++i) {
    row["identifiers"][static_cast<std::size_t>(i)]["hash"] = vault.Hash(customer.identifiers(i));
  }
  for (int i = 0; i < customer.accounts_size(); ++i) {
    row["accounts"][static_cast<std::size_t>(i)]["hash"] = vault.Hash(customer.accounts(i));
  }
  json terms = json::array();
  for (const std::string& term : text::Terms(customer.display_name())) terms.push_back("n" + term);
  for (const std::string& number : domain::CallableNumbers(customer))
    terms.push_back("p" + text::PhoneSuffixTerm(number));
  for (const std::string& term : PlaceTerms(customer)) terms.push_back("a" + term);
  for (const std::string& tag : FieldTags(vault, customer.custom_fields(), fields)) terms.push_back(tag);
  row["terms"] = std::move(terms);
  return row;
}

Result<pb::Customer> FromRow(const pqxx::row& row, const Vault& vault, TimePoint now) {
  pb::Customer customer;
  if (!google::protobuf::util::JsonStringToMessage(row["document"].c_str(), &customer).ok()) {
    return Internal("a stored customer does not read as the .proto");
  }
  // A customer made without custom fields has none, or a JSON null.
  if (!row["custom_fields"].is_null() && std::string_view(row["custom_fields"].c_str()) != "null" &&
      !google::protobuf::util::JsonStringToMessage(row["custom_fields"].c_str(),
                                                   customer.mutable_custom_fields())
           .ok()) {
    return Internal("stored custom fields do not read as a Struct");
  }
  TRY_VOID(vault.Open(customer));
  domain::DropExpired(customer, now);
  return customer;
}

Result<std::vector<pb::Customer>> FromRows(const pqxx::result& rows, const Vault& vault, TimePoint now) {
  std::vector<pb::Customer> out;
  out.reserve(rows.size());
  for (const auto& row : rows) {
    TRY(out.emplace_back(), FromRow(row, vault, now));
  }
  return out;
}

std::vector<std::string> Ids(const pqxx::result& rows) {
  std::vector<std::string> out;
  for (const auto& row : rows) out.emplace_back(row["id"].c_str());
  return out;
}

std::vector<std::string> FindByBeginnings(pg::Tx& tx, const std::vector<std::string>& beginnings,
                                          std::string_view after, int limit) {
  std::vector<std::string> ends;
  for (const auto& low : beginnings) ends.push_back(text::PrefixEnd(low));
  return Ids(tx.Exec(kByTerms, pg::Array(beginnings), pg::Array(ends), AfterOf(after), limit));
}

std::vector<TimePoint> RecentOf(const pqxx::row& row) {
  std::vector<TimePoint> out;
  for (const std::string& us : pg::ArrayOf(row["recent"])) {
    out.push_back(TimePoint{std::chrono::microseconds{std::stoll(us)}});
  }
  return out;
}

pb::LastContact ContactFromRow(const pqxx::row& row, TimePoint now) {
  pb::LastContact contact;
  const std::string direction = row["direction"].c_str();
  contact.set_direction(direction == "OUTBOUND" ? pb::LastContact::OUTBOUND : pb::LastContact::INBOUND);
  contact.set_name(std::string("customers/") + row["id"].c_str() + "/lastContacts/" +
                   (direction == "OUTBOUND" ? "outbound" : "inbound"));
  *contact.mutable_contact_time() = ToProto(pg::TimeOf(row["contacted_us"]));
  carillon::type::v1::Channel channel = carillon::type::v1::CHANNEL_UNSPECIFIED;
  carillon::type::v1::Channel_Parse(row["channel"].c_str(), &channel);
  contact.set_channel(channel);
  contact.set_interaction(row["interaction"].c_str());
  contact.set_agent(row["agent"].c_str());
  contact.set_queue(row["queue"].c_str());
  contact.set_reason(row["reason"].c_str());
  contact.set_disposition(row["disposition"].c_str());
  contact.set_contacts_in_30_days(domain::CountRecent(RecentOf(row), now));
  return contact;
}

/// As much of a customer as a caller's card shows.
Result<pb::Customer> ShownToCallee(const pqxx::row& row, const std::string& e164) {
  pb::Customer customer;
  customer.set_name(std::string("customers/") + row["id"].c_str());
  if (!row["client"].is_null()) customer.set_client(std::string("clients/") + row["client"].c_str());
  auto state = pb::Customer::STATE_UNSPECIFIED;
  auto grade = pb::Customer::GRADE_UNSPECIFIED;
  if (!pb::Customer::State_Parse(row["state"].c_str(), &state) ||
      !pb::Customer::Grade_Parse(row["grade"].c_str(), &grade)) {
    return Internal("a stored customer does not read as the .proto");
  }
  customer.set_state(state);
  customer.set_grade(grade);
  customer.set_display_name(row["display_name"].c_str());
  if (row["organisation"].as<bool>()) {
    customer.mutable_organisation();
  } else {
    auto& person = *customer.mutable_person();
    person.set_salutation(row["salutation"].c_str());
    if (!row["year"].is_null()) {
      auto& born = *person.mutable_birth_date();
      born.set_year(row["year"].as<int>());
      born.set_month(row["month"].as<int>(0));
      born.set_day(row["day"].as<int>(0));
    }
  }
  customer.set_brand(row["brand"].c_str());
  customer.set_home_region(row["home_region"].c_str());
  customer.set_preferred_language(row["preferred_language"].c_str());
  customer.set_has_service_password(row["password"].as<bool>());
  if (row["own_line"].as<bool>()) {
    auto& line = *customer.add_contacts();
    line.set_number(e164);
    line.set_own_line(true);
  }
  std::string rest;
  for (const char* field : {"special_needs", "alerts"}) {
    if (row[field].is_null()) continue;
    rest += std::string(rest.empty() ? "{" : ",") + '"' + field + "\":" + row[field].c_str();
  }
  if (rest.empty()) return customer;
  pb::Customer more;
  if (!google::protobuf::util::JsonStringToMessage(rest + "}", &more).ok()) {
    return Internal("stored alerts do not read as the .proto");
  }
  customer.MergeFrom(more);
  return customer;
}

bool HasOwn(const pb::Customer& customer) { return customer.custom_fields().fields_size() > 0; }

std::string Sealed(const Vault& vault, const pb::Customer& customer) {
  return vault.SealRecord(customer.SerializeAsString(), customer.name());
}

/// What these are now and who made them so, sent with the commit.
void KeepVersions(pg::Tx& tx, const std::vector<pb::Customer>& customers,
                  const std::vector<std::string>& sealed) {
  std::vector<std::string> ids;
  std::vector<std::int64_t> versions;
  std::vector<std::optional<std::string>> clients;
  for (const auto& customer : customers) {
    ids.push_back(IdOf(customer.name()));
    versions.push_back(std::atoll(customer.etag().c_str()));
    clients.push_back(customer.client().empty() ? std::nullopt : std::optional(IdOf(customer.client())));
  }
  tx.ExecAtCommit(kKeepVersions, pg::Array(ids), pg::Array(versions), pg::Array(clients), pg::Array(sealed),
                  pg::Time(tx.now()), ActorOf(tx.call()), tx.call().method);
}
void KeepVersion(pg::Tx& tx, const Vault& vault, const pb::Customer& customer) {
  KeepVersions(tx, {customer}, {Sealed(vault, customer)});
}

}  // namespace

Draft DraftOf(const Vault& vault, const pb::Customer& customer, const std::vector<pb::CustomField>& fields) {
  return {Document(vault, customer, fields).dump(), Sealed(vault, customer)};
}

void Insert(pg::Tx& tx, const Vault& vault, const std::vector<pb::Customer>& customers) {
  const bool own =
      std::any_of(customers.begin(), customers.end(), [](const auto& one) { return HasOwn(one); });
  const auto fields = own ? CustomFields(tx) : std::vector<pb::CustomField>();
  std::vector<Draft> drafts;
  for (const auto& customer : customers) drafts.push_back(DraftOf(vault, customer, fields));
  Insert(tx, customers, std::move(drafts));
}

void Insert(pg::Tx& tx, const std::vector<pb::Customer>& customers, std::vector<Draft> drafts) {
  if (customers.empty()) return;
  std::string text = "[";
  std::vector<std::string> sealed;
  for (auto& draft : drafts) {
    if (text.size() > 1) text += ',';
    text += draft.document;
    sealed.push_back(std::move(draft.sealed));
  }
  text += ']';
  tx.Exec(kInsertCustomers, text);
  tx.Exec(kInsertParts, text, pg::Time(tx.now()), ActorOf(tx.call()));
  KeepVersions(tx, customers, sealed);
}

void Replace(pg::Tx& tx, const Vault& vault, const pb::Customer& customer) {
  const auto fields = HasOwn(customer) ? CustomFields(tx) : std::vector<pb::CustomField>();
  const std::string text = json::array({Document(vault, customer, fields)}).dump();
  tx.Exec(kUpdateCustomer, text, IdOf(customer.name()));
  tx.Exec(kDeleteParts, IdOf(customer.name()));
  tx.Exec(kInsertParts, text, pg::Time(tx.now()), ActorOf(tx.call()));
  KeepVersion(tx, vault, customer);
}

void ReplaceAtCommit(pg::Tx& tx, const Vault& vault, const pb::Customer& customer,
                     const std::vector<std::string>& changed) {
  if (std::any_of(changed.begin(), changed.end(), InParts)) {
    Replace(tx, vault, customer);
    return;
  }
  pb::Customer header = customer;
  ClearParts(header);
  tx.ExecAtCommit(kUpdateCustomer, json::array({Document(vault, header, {})}).dump(), IdOf(customer.name()));
  KeepVersion(tx, vault, customer);
}

void SaveState(pg::Tx& tx, const Vault& vault, const pb::Customer& customer) {
  tx.Exec(kUpdateState, IdOf(customer.name()), pb::Customer::State_Name(customer.state()),
          std::stoll(customer.etag()), pg::Time(FromProto(customer.update_time())));
  KeepVersion(tx, vault, customer);
}

Result<pb::Customer> Load(pg::Tx& tx, const Vault& vault, const std::string& id) {
  const auto rows = tx.Exec(kLoad, pg::Array(std::vector<std::string>{id}));
  if (rows.empty()) return errors::Unknown("customers/" + id);
  return FromRow(rows[0], vault, tx.now());
}

Result<pb::Customer> LoadForUpdate(pg::Tx& tx, const Vault& vault, const std::string& id) {
  TRY(auto locked, LoadLocked(tx, vault, id));
  return std::move(locked.customer);
}

Result<Locked> LoadLocked(pg::Tx& tx, const Vault& vault, const std::string& id) {
  const auto rows = tx.Exec(kLock, id);
  if (rows.empty()) return errors::Unknown("customers/" + id);
  TRY(auto customer, FromRow(rows[0], vault, tx.now()));
  return Locked{std::move(customer), rows[0]["composed"].as<bool>()};
}

Result<std::optional<pb::Customer>> LoadLivingForUpdate(pg::Tx& tx, const Vault& vault,
                                                        const std::string& id) {
  auto found = LoadForUpdate(tx, vault, id);
  while (found && found->state() == pb::Customer::MERGED) {
    TRY(const std::string survivor, IdOfName(found->merged_into(), "customers"));
    found = LoadForUpdate(tx, vault, survivor);
  }
  if (!found && found.error().code == Code::kNotFound) return std::optional<pb::Customer>();
  TRY(auto customer, std::move(found));
  return std::optional(std::move(customer));
}

Result<std::vector<pb::Customer>> LoadAll(pg::Tx& tx, const Vault& vault,
                                          const std::vector<std::string>& ids) {
  if (ids.empty()) return std::vector<pb::Customer>();
  return FromRows(tx.Exec(kLoad, pg::Array(ids)), vault, tx.now());
}

Result<std::vector<pb::Customer>> List(pg::Tx& tx, const Vault& vault, const pb::ListCustomersRequest& filter,
                                       std::string_view after, int limit) {
  const std::string state =
      filter.state() == pb::Customer::STATE_UNSPECIFIED ? "" : pb::Customer::State_Name(filter.state());
  std::vector<std::string> grades, dimensions, values;
  for (const auto grade : domain::GradesOf(filter)) grades.push_back(pb::Customer::Grade_Name(grade));
  for (const auto& segment : filter.segments()) {
    const auto equals = segment.find('=');
    dimensions.push_back(segment.substr(0, equals));
    values.push_back(segment.substr(equals + 1));
  }
  return FromRows(tx.Exec(kList, AfterOf(after), state, pg::Array(grades), pg::MaybeId(filter.client()),
                          filter.region_prefix(), text::PrefixEnd(filter.region_prefix()),
                          filter.min_birth_year(), filter.max_birth_year(),
                          pg::Array(std::vector<std::string>(filter.holds().begin(), filter.holds().end())),
                          pg::Array(std::vector<std::string>(filter.lacks().begin(), filter.lacks().end())),
                          pg::Array(dimensions), pg::Array(values), limit),
                  vault, tx.now());
}

std::vector<std::string> FindByName(pg::Tx& tx, const std::vector<std::string>& terms, std::string_view after,
                                    int limit) {
  std::vector<std::string> beginnings;
  for (const auto& term : terms) beginnings.push_back("n" + term);
  return FindByBeginnings(tx, beginnings, after, limit);
}

std::vector<std::string> FindByPhoneEnd(pg::Tx& tx, const std::string& reversed, std::string_view after,
                                        int limit) {
  return FindByBeginnings(tx, {"p" + reversed}, after, limit);
}

std::vector<std::string> FindByAddress(pg::Tx& tx, const std::vector<std::string>& terms,
                                       std::string_view after, int limit) {
  std::vector<std::string> beginnings;
  for (const auto& term : terms) beginnings.push_back("a" + term);
  return FindByBeginnings(tx, beginnings, after, limit);
}

std::vector<std::string> FindByNumbers(pg::Tx& tx, const std::vector<std::string>& numbers, int limit) {
  return numbers.empty() ? std::vector<std::string>()
                         : Ids(tx.Exec(kIdsByNumbers, pg::Array(numbers), limit));
}

std::vector<std::string> FindByIdentifier(pg::Tx& tx, const Vault& vault, const pb::Identifier& identifier,
                                          std::string_view after, int limit) {
  return Ids(tx.Exec(kByIdentifier, pg::Array(vault.Hashes(identifier)),
                     pb::Identifier::Type_Name(identifier.type()), AfterOf(after), limit));
}

std::vector<std::string> FindByAccount(pg::Tx& tx, const Vault& vault, const pb::Account& account,
                                       std::string_view after, int limit) {
  return Ids(tx.Exec(kByAccount, pg::Array(vault.Hashes(account)), AfterOf(after), limit));
}

Result<std::vector<domain::Known>> KnownByNumber(pg::Tx& tx, const std::string& e164,
                                                 std::vector<TimePoint>& recent) {
  recent.clear();
  std::vector<domain::Known> known;
  std::vector<std::string> ids;
  bool contacted = false;
  for (const auto& row : tx.Exec(kByNumber, e164)) {
    TRY(auto customer, ShownToCallee(row, e164));
    domain::DropExpired(customer, tx.now());
    known.push_back({std::move(customer), {}});
    ids.emplace_back(row["id"].c_str());
    contacted = contacted || row["contacted"].as<bool>();
  }
  if (!contacted) return known;
  for (const auto& row : tx.Exec(kLastContacts, pg::Array(ids))) {
    const auto at = std::find(ids.begin(), ids.end(), row["id"].c_str());
    known[static_cast<std::size_t>(at - ids.begin())].last_contacts.push_back(ContactFromRow(row, tx.now()));
    for (const TimePoint one : RecentOf(row)) recent.push_back(one);
  }
  return known;
}

std::vector<std::string> Owners(pg::Tx& tx, const Vault& vault, const std::vector<pb::Customer>& customers) {
  std::vector<int> at, source_at;
  std::vector<std::string> types, hashes, systems, keys;
  std::vector<std::optional<std::string>> clients, source_clients;
  for (std::size_t n = 0; n < customers.size(); ++n) {
    const auto& customer = customers[n];
    const std::optional<std::string> client =
        customer.client().empty() ? std::nullopt : std::optional(IdOf(customer.client()));
    for (const auto& identifier : customer.identifiers()) {
      for (auto& hash : vault.Hashes(identifier)) {
        at.push_back(static_cast<int>(n));
        types.push_back(pb::Identifier::Type_Name(identifier.type()));
        hashes.push_back(std::move(hash));
        clients.push_back(client);
      }
    }
    if (customer.has_source()) {
      source_at.push_back(static_cast<int>(n));
      systems.push_back(customer.source().system());
      keys.push_back(customer.source().key());
      source_clients.push_back(client);
    }
  }
  std::vector<std::string> owners(customers.size());
  const auto take = [&](const pqxx::result& rows) {
    for (const auto& row : rows) owners[row["n"].as<std::size_t>()] = row["id"].c_str();
  };
  if (!at.empty()) {
    take(tx.Exec(kOwners, pg::Array(at), pg::Array(types), pg::Array(hashes), pg::Array(clients)));
  }
  if (!source_at.empty()) {
    take(tx.Exec(kSourceOwners, pg::Array(source_at), pg::Array(systems), pg::Array(keys),
                 pg::Array(source_clients)));
  }
  return owners;
}

void LockImports(pg::Tx& tx) { tx.Exec(kLockImports); }

void SaveAlert(pg::Tx& tx, const pb::Customer& customer, const pb::Alert& alert) {
  tx.Exec(kUpsertAlert, LastPart(alert.name()), IdOf(customer.name()), pg::MaybeId(customer.client()),
          alert.code(), pb::Alert::Severity_Name(alert.severity()), alert.reason(), alert.subject(),
          alert.raised_by(), pg::Time(FromProto(alert.raise_time())),
          pg::MaybeTime(alert.has_expire_time(), alert.expire_time()));
}

bool ClearAlert(pg::Tx& tx, const std::string& customer_id, const std::string& alert_id,
                const std::string& by, const std::string& reason) {
  return tx.Exec(kClearAlert, alert_id, customer_id, by, pg::Time(tx.now()), reason).affected_rows() == 1;
}

bool AlertKnown(pg::Tx& tx, const std::string& customer_id, const std::string& alert_id) {
  return !tx.Exec(kAlertKnown, alert_id, customer_id).empty();
}

std::vector<pb::LastContact> LastContacts(pg::Tx& tx, const std::string& customer_id) {
  std::vector<pb::LastContact> out;
  for (const auto& row : tx.Exec(kLastContacts, pg::Array(std::vector<std::string>{customer_id}))) {
    out.push_back(ContactFromRow(row, tx.now()));
  }
  return out;
}

void NoteContact(pg::Tx& tx, const pb::Customer& customer, const pb::LastContact& contact) {
  const TimePoint at = FromProto(contact.contact_time());
  pb::LastContact newest = contact;
  std::vector<TimePoint> recent;
  for (const auto& row : tx.Exec(kLastContacts, pg::Array(std::vector<std::string>{IdOf(customer.name())}))) {
    const auto kept = ContactFromRow(row, tx.now());
    if (kept.direction() != contact.direction()) continue;
    recent = RecentOf(row);
    if (FromProto(kept.contact_time()) > at) newest = kept;
  }
  std::vector<std::int64_t> recent_us;
  for (const TimePoint one : domain::WithContact(std::move(recent), at)) {
    recent_us.push_back(one.time_since_epoch().count());
  }
  tx.Exec(kSaveLastContact, IdOf(customer.name()), pg::MaybeId(customer.client()),
          pb::LastContact::Direction_Name(newest.direction()), pg::Time(FromProto(newest.contact_time())),
          carillon::type::v1::Channel_Name(newest.channel()), newest.interaction(), newest.agent(),
          newest.queue(), newest.reason(), newest.disposition(), pg::Array(recent_us));
  tx.Exec(kTouch, IdOf(customer.name()), pg::Time(at));
}

void SetPassword(pg::Tx& tx, const pb::Customer& customer, const std::string& hash) {
  tx.Exec(kSetPassword, IdOf(customer.name()), pg::MaybeId(customer.client()), hash, pg::Time(tx.now()));
}

std::optional<Password> LockPassword(pg::Tx& tx, const std::string& customer_id) {
  const auto rows = tx.Exec(kLockPassword, customer_id);
  if (rows.empty()) return std::nullopt;
  return Password{rows[0]["password_hash"].c_str(),
                  {rows[0]["failed_tries"].as<int>(), pg::MaybeTimeOf(rows[0]["locked_us"])}};
}

void SaveTries(pg::Tx& tx, const std::string& customer_id, const domain::Tries& tries) {
  tx.Exec(kSaveTries, customer_id, tries.failed, pg::Time(tries.locked_until));
}

std::vector<SilentCustomer> FindSilent(pg::Tx& tx, TimePoint before,
                                       const std::optional<SilentCustomer>& after, int limit) {
  std::vector<SilentCustomer> out;
  for (const auto& row :
       tx.Exec(kSilent, pg::Time(before), after ? pg::Time(after->contacted) : pg::Param(std::nullopt),
               after ? pg::Param(after->id) : pg::Param(std::nullopt), limit)) {
    out.push_back({row["tenant"].c_str(), row["id"].c_str(), pg::TimeOf(row["contacted_us"])});
  }
  return out;
}

}  // namespace carillon::customer::store
