#include "customer/domain/records.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <set>
#include <tuple>

#include "base/proto_time.hpp"
#include "customer/domain/errors.hpp"

namespace carillon::customer::domain {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

/// Fields that no source speaks of.
const std::set<std::string, std::less<>>& OwnFields() {
  static const std::set<std::string, std::less<>> fields{"name",
                                                         "client",
                                                         "state",
                                                         "display_name",
                                                         "alerts",
                                                         "owner_unit",
                                                         "life_cycle_stage",
                                                         "owner_user",
                                                         "source",
                                                         "merged_into",
                                                         "has_service_password",
                                                         "etag",
                                                         "create_time",
                                                         "update_time"};
  return fields;
}

/// One thing a record says.
struct Saying {
  std::string key;
  int field = 0;    ///< number of the top-level field
  int item = -1;    ///< place in its list
  std::string sub;  ///< subfield of the party, key of a map, word of a list of words
  std::size_t size = 0;
};

std::string TypeName(const pb::Identifier& i) { return pb::Identifier::Type_Name(i.type()); }

std::string ItemKey(const pb::Customer& c, const FieldDescriptor* field, int i) {
  const std::string& list = field->name();
  if (list == "identifiers") return TypeName(c.identifiers(i)) + "/" + c.identifiers(i).number();
  if (list == "contacts") {
    const auto& medium = c.contacts(i);
    return pb::ContactMedium::Type_Name(medium.type()) + "/" + medium.number() + medium.address();
  }
  if (list == "accounts") return c.accounts(i).type() + "/" + c.accounts(i).number();
  if (list == "segments") return c.segments(i).dimension();
  if (list == "consents") {
    return std::to_string(c.consents(i).channel()) + "/" + std::to_string(c.consents(i).purpose());
  }
  if (list == "addresses") {
    // The first of a kind is the same address as another source's first of that kind.
    int before = 0;
    for (int j = 0; j < i; ++j) before += c.addresses(j).type() == c.addresses(i).type() ? 1 : 0;
    return carillon::type::v1::Address::Type_Name(c.addresses(i).type()) + "/" + std::to_string(before);
  }
  return std::to_string(i);
}

std::vector<Saying> SayingsOf(const pb::Customer& values) {
  std::vector<Saying> out;
  std::vector<const FieldDescriptor*> set;
  const auto* reflection = values.GetReflection();
  reflection->ListFields(values, &set);
  for (const auto* field : set) {
    if (OwnFields().contains(field->name())) continue;
    const auto add = [&](std::string below, int item, std::string sub, std::size_t size) {
      out.push_back({field->name() + below, field->number(), item, std::move(sub), size});
    };
    if (field->name() == "person" || field->name() == "organisation") {
      const Message& party = reflection->GetMessage(values, field);
      std::vector<const FieldDescriptor*> parts;
      party.GetReflection()->ListFields(party, &parts);
      for (const auto* part : parts) {
        const std::size_t size = part->cpp_type() == FieldDescriptor::CPPTYPE_STRING
                                     ? party.GetReflection()->GetString(party, part).size()
                                     : 1;
        add("." + part->name(), -1, part->name(), size);
      }
    } else if (field->name() == "custom_fields") {
      for (const auto& [name, value] : values.custom_fields().fields())
        add("/" + name, -1, name, value.ByteSizeLong());
    } else if (field->name() == "special_needs") {
      for (const auto& need : values.special_needs()) add("/" + need, -1, need, 1);
    } else if (field->is_repeated()) {
      for (int i = 0; i < reflection->FieldSize(values, field); ++i) {
        add("/" + ItemKey(values, field, i), i, "",
            reflection->GetRepeatedMessage(values, field, i).ByteSizeLong());
      }
    } else {
      add("", -1, "",
          field->cpp_type() == FieldDescriptor::CPPTYPE_STRING ? reflection->GetString(values, field).size()
                                                               : 1);
    }
  }
  return out;
}

void CopyField(const Message& from, Message& to, const FieldDescriptor* field) {
  const auto* in = from.GetReflection();
  const auto* out = to.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return out->SetString(&to, field, in->GetString(from, field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return out->SetEnumValue(&to, field, in->GetEnumValue(from, field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return out->SetBool(&to, field, in->GetBool(from, field));
    default:
      return out->MutableMessage(&to, field)->CopyFrom(in->GetMessage(from, field));
  }
}

/// Copies what is said; returns the place in Customer.
std::string Put(const Saying& saying, const pb::Customer& from, pb::Customer& to) {
  const auto* field = pb::Customer::descriptor()->FindFieldByNumber(saying.field);
  const auto* reflection = to.GetReflection();
  const std::string& name = field->name();
  if (name == "person" || name == "organisation") {
    const auto* part = field->message_type()->FindFieldByName(saying.sub);
    CopyField(reflection->GetMessage(from, field), *reflection->MutableMessage(&to, field), part);
    return name + "." + saying.sub;
  }
  if (name == "custom_fields") {
    (*to.mutable_custom_fields()->mutable_fields())[saying.sub] =
        from.custom_fields().fields().at(saying.sub);
    return name + "." + saying.sub;
  }
  if (name == "special_needs") {
    to.add_special_needs(saying.sub);
    return name + "[" + std::to_string(to.special_needs_size() - 1) + "]";
  }
  if (field->is_repeated()) {
    reflection->AddMessage(&to, field)->CopyFrom(reflection->GetRepeatedMessage(from, field, saying.item));
    return name + "[" + std::to_string(reflection->FieldSize(to, field) - 1) + "]";
  }
  CopyField(from, to, field);
  return name;
}

/// Who is believed in one attribute: the least of these.
using Standing = std::tuple<int, TimePoint::rep, std::int64_t, std::string>;

bool LaterWins(std::string_view key) { return key.starts_with("consents/") || key == "do_not_contact"; }

}  // namespace

std::vector<std::string> AttributeKeys(const pb::Customer& values) {
  std::vector<std::string> keys;
  for (auto& saying : SayingsOf(values)) keys.push_back(std::move(saying.key));
  return keys;
}

Composed Compose(const pb::Customer& shell, std::vector<pb::RawRecord> records, const TrustRanks& ranks) {
  struct Winner {
    Standing standing;
    std::size_t record = 0;
    std::optional<Saying> saying;  ///< nothing: it was taken away
  };
  std::map<std::string, Winner> winners;
  const auto rank_of = [&](const pb::RawRecord& record) {
    const auto at = ranks.find(record.system());
    return at == ranks.end() ? std::numeric_limits<int>::max() : at->second;
  };
  std::sort(records.begin(), records.end(), [&](const pb::RawRecord& a, const pb::RawRecord& b) {
    return std::tuple(rank_of(a), a.name()) < std::tuple(rank_of(b), b.name());
  });
  for (std::size_t r = 0; r < records.size(); ++r) {
    const auto& record = records[r];
    const auto observed = FromProto(record.observe_time()).time_since_epoch().count();
    const auto offer = [&](const std::string& key, std::optional<Saying> saying, TimePoint::rep at) {
      const auto size = static_cast<std::int64_t>(saying ? saying->size : 0);
      Standing standing{LaterWins(key) ? 0 : rank_of(record), -at, -size, record.name()};
      const auto [place, isnew] = winners.try_emplace(key);
      if (isnew || standing < place->second.standing)
        place->second = {std::move(standing), r, std::move(saying)};
    };
    for (auto& saying : SayingsOf(record.values())) {
      auto at = observed;
      if (saying.key.starts_with("consents/") && record.values().consents(saying.item).has_decide_time()) {
        at = FromProto(record.values().consents(saying.item).decide_time()).time_since_epoch().count();
      }
      const std::string key = saying.key;
      offer(key, std::move(saying), at);
    }
    for (const auto& key : record.removed()) offer(key, std::nullopt, observed);
  }
  std::vector<const Winner*> order;
  for (const auto& [key, winner] : winners) {
    if (winner.saying) order.push_back(&winner);
  }
  // Lists come in the order of who is believed most, and then as that record has them.
  std::sort(order.begin(), order.end(), [](const Winner* a, const Winner* b) {
    return std::tuple(a->saying->field, a->record, a->saying->item, a->saying->key) <
           std::tuple(b->saying->field, b->record, b->saying->item, b->saying->key);
  });
  Composed out;
  for (const auto& name : OwnFields()) {
    const auto* field = pb::Customer::descriptor()->FindFieldByName(name);
    if (field->is_repeated()) {
      if (name == "alerts") *out.customer.mutable_alerts() = shell.alerts();
    } else if (!field->has_presence() || shell.GetReflection()->HasField(shell, field)) {
      CopyField(shell, out.customer, field);
    }
  }
  // A party without a value is still a person or an organisation.
  if (shell.has_person()) out.customer.mutable_person();
  if (shell.has_organisation()) out.customer.mutable_organisation();
  for (const Winner* winner : order) {
    const auto& record = records[winner->record];
    const auto* field = pb::Customer::descriptor()->FindFieldByNumber(winner->saying->field);
    if ((field->name() == "person" && shell.has_organisation()) ||
        (field->name() == "organisation" && shell.has_person()))
      continue;
    pb::ValueSource source;
    source.set_path(Put(*winner->saying, record.values(), out.customer));
    source.set_record(record.name());
    source.set_system(record.system());
    *source.mutable_observe_time() = record.observe_time();
    out.sources.push_back(std::move(source));
  }
  // One of a kind is the one to use: the most trusted source's.
  std::set<int> primary;
  for (auto& medium : *out.customer.mutable_contacts()) {
    if (medium.primary() && !primary.insert(medium.type()).second) medium.set_primary(false);
  }
  return out;
}

pb::RawRecord AsRecord(const pb::Customer& customer, const std::string& record_name) {
  pb::RawRecord record;
  record.set_name(record_name);
  record.set_system(customer.has_source() ? customer.source().system() : kOwnSystem);
  record.set_key(customer.has_source() ? customer.source().key() : customer.name());
  for (const auto& saying : SayingsOf(customer)) {
    // Everybody is STANDARD until somebody says otherwise.
    if (saying.key != "grade" || customer.grade() != pb::Customer::STANDARD) {
      Put(saying, customer, *record.mutable_values());
    }
  }
  *record.mutable_observe_time() = customer.update_time();
  *record.mutable_receive_time() = customer.update_time();
  return record;
}

void NoteEdit(pb::RawRecord& edits, const pb::Customer& before, const pb::Customer& after, TimePoint now) {
  // What the edits said before stays, but for what is said anew.
  std::map<std::string, std::string> old_values, new_values;
  const auto single = [](const Saying& saying, const pb::Customer& from) {
    pb::Customer one;
    Put(saying, from, one);
    return one.SerializeAsString();
  };
  const auto before_sayings = SayingsOf(before), after_sayings = SayingsOf(after);
  for (const auto& saying : before_sayings) old_values[saying.key] = single(saying, before);
  std::set<std::string> said;
  pb::Customer values;
  for (const auto& saying : after_sayings) {
    new_values[saying.key] = single(saying, after);
    const auto old = old_values.find(saying.key);
    if (old != old_values.end() && old->second == new_values[saying.key]) continue;
    Put(saying, after, values);
    said.insert(saying.key);
  }
  std::set<std::string> removed;
  for (const auto& [key, value] : old_values) {
    if (!new_values.contains(key)) removed.insert(key);
  }
  for (const auto& saying : SayingsOf(edits.values())) {
    if (said.contains(saying.key) || removed.contains(saying.key)) continue;
    Put(saying, edits.values(), values);
  }
  for (const auto& key : edits.removed()) {
    if (!said.contains(key)) removed.insert(key);
  }
  *edits.mutable_values() = values;
  edits.clear_removed();
  for (const auto& key : removed) edits.add_removed(key);
  *edits.mutable_observe_time() = ToProto(now);
  *edits.mutable_receive_time() = ToProto(now);
}

Result<void> RequireMergeable(const pb::Customer& a, const pb::Customer& b) {
  if (a.name() == b.name()) return errors::MergeImpossible("is the same customer twice");
  if (a.party_case() != b.party_case()) return errors::MergeImpossible("are a person and an organisation");
  if (a.client() != b.client()) return errors::MergeImpossible("are of two clients");
  for (const auto* one : {&a, &b}) {
    if (one->state() == pb::Customer::CLOSED) return errors::Closed(one->name());
    if (one->state() == pb::Customer::MERGED) return errors::Merged(one->name(), one->merged_into());
    if (one->state() == pb::Customer::ERASED) return errors::Erased(one->name());
  }
  return Ok();
}

bool StaysOf(const pb::Customer& a, const pb::Customer& b) {
  return std::pair(FromProto(a.create_time()), a.name()) < std::pair(FromProto(b.create_time()), b.name());
}

pb::Customer WentInto(const pb::Customer& customer, const std::string& survivor, TimePoint now) {
  pb::Customer gone;
  gone.set_name(customer.name());
  gone.set_client(customer.client());
  if (customer.has_person()) gone.mutable_person();
  if (customer.has_organisation()) gone.mutable_organisation();
  gone.set_state(pb::Customer::MERGED);
  gone.set_merged_into(survivor);
  gone.set_grade(pb::Customer::STANDARD);
  gone.set_life_cycle_stage(customer.life_cycle_stage());
  gone.set_owner_unit(customer.owner_unit());
  gone.set_owner_user(customer.owner_user());
  gone.set_has_service_password(customer.has_service_password());
  if (customer.has_source()) *gone.mutable_source() = customer.source();  // its source still speaks of it
  *gone.mutable_create_time() = customer.create_time();
  *gone.mutable_update_time() = ToProto(now);
  gone.set_etag(std::to_string(std::atoll(customer.etag().c_str()) + 1));
  return gone;
}

}  // namespace carillon::customer::domain
