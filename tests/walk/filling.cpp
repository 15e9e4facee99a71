#include "filling.hpp"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <re2/re2.h>

#include <algorithm>

#include "base/proto_time.hpp"

namespace carillon::walk {
namespace {

using protobuf::FieldDescriptor;

// customers -> customer, routingProfiles -> routing_profile, policies -> policy.
std::string Singular(const std::string& collection) {
  std::string out;
  for (const char c : collection) {
    if (std::isupper(static_cast<unsigned char>(c))) out += '_';
    out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  if (out.ends_with("ies")) return out.substr(0, out.size() - 3) + "y";
  return out.ends_with("s") ? out.substr(0, out.size() - 1) : out;
}

std::string Pascal(const std::string& snake) {
  std::string out;
  bool up = true;
  for (const char c : snake) {
    if (c == '_') {
      up = true;
    } else {
      out += up ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
      up = false;
    }
  }
  return out;
}

bool IsBelow(const std::string& name, const std::string& part) {
  return name == part || name.ends_with("_" + part);
}

// The names that fit a pattern, those of singletons below a resource included.
std::vector<std::string> Matching(const std::string& pattern, const Tenant& whose) {
  const re2::RE2 expression(pattern);
  std::vector<std::string> out;
  for (const auto& [collection, names] : whose.names)
    for (const auto& name : names)
      for (const auto* below :
           {"", "/lastContacts/inbound", "/revisions/1", "/alerts/00000000-0000-7000-8000-000000000000",
            "/relationships/00000000-0000-7000-8000-000000000000",
            "/managers/00000000-0000-7000-8000-000000000000"})
        if (re2::RE2::FullMatch(name + below, expression)) out.push_back(name + below);
  return out;
}

// Something that fits a pattern; patterns are few and short, so one of these does.
std::string Fitting(const std::string& pattern, const Tenant& whose) {
  std::vector<std::string> tries{whose.mark,   "a1",      "A1",     "AB",  "a.b",  "ab.cd", "0800",
                                 "080012",     "08:00",   "/a/",    "en",  "CN",   "CNY",   "A=b",
                                 "2026-11-22", "2026-11", "1",      "12",  "123",  "#",     "x",
                                 "a",          "A",       "a-1",    "a_b", "A_B",  "",      "+8613800138000",
                                 "queues/a",   "a@b.cn",  "110101", "B",   "0001", "zh-CN", "Asia/Shanghai"};
  tries.insert(tries.end(), {"sourceSystems/edw", "codes/RELATIONSHIP.PARENT", "customFields/a",
                             "qualityRules/A", "segmentRules/A.A", "phrases/a"});
  const re2::RE2 expression(pattern);
  for (const auto& each : tries)
    if (!each.empty() && re2::RE2::FullMatch(each, expression)) return each;
  const auto names = Matching(pattern, whose);
  // Without an example the field is refused, which the walk of well-formed requests then says.
  return names.empty() ? whose.mark : names.front();
}

std::string NameIn(const std::string& collection, const Tenant& whose) {
  const auto it = whose.names.find(collection);
  return it == whose.names.end() ? collection + "/" + testing::SomeId() : it->second.front();
}

void FillMessage(protobuf::Message& message, const Tenant& whose, bool everything,
                 std::vector<const protobuf::Descriptor*>& within);

void FillField(protobuf::Message& message, const FieldDescriptor* field, const Tenant& whose, bool everything,
               std::vector<const protobuf::Descriptor*>& within) {
  const auto* reflection = message.GetReflection();
  const auto& rule = RuleOf(field);
  const auto& item_rule = field->is_repeated() ? rule.repeated().items() : rule;
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    if (std::find(within.begin(), within.end(), field->message_type()) != within.end()) return;
    auto* child = field->is_repeated() ? reflection->AddMessage(&message, field)
                                       : reflection->MutableMessage(&message, field);
    FillMessage(*child, whose, everything, within);
    return;
  }
  const auto number = [&] {
    const auto& bounds = item_rule.number();
    if (bounds.has_gte()) return std::max(bounds.gte(), bounds.has_lte() ? std::min(1.0, bounds.lte()) : 1.0);
    return bounds.has_lte() ? std::min(1.0, bounds.lte()) : 1.0;
  };
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      Put(message, field,
          field->type() == FieldDescriptor::TYPE_BYTES ? "x" : GoodText(field, item_rule, whose));
      break;
    case FieldDescriptor::CPPTYPE_ENUM: {
      int value = 0;
      for (int i = 0; i < field->enum_type()->value_count() && value == 0; ++i) {
        const int each = field->enum_type()->value(i)->number();
        const auto& refused = item_rule.enum_().not_in();
        if (std::find(refused.begin(), refused.end(), each) == refused.end()) value = each;
      }
      if (field->is_repeated()) {
        reflection->AddEnumValue(&message, field, value);
      } else {
        reflection->SetEnumValue(&message, field, value);
      }
      break;
    }
#define CARILLON_WALK_NUMBER(TYPE, Type, type)                             \
  case FieldDescriptor::CPPTYPE_##TYPE:                                    \
    if (field->is_repeated()) {                                            \
      reflection->Add##Type(&message, field, static_cast<type>(number())); \
    } else {                                                               \
      reflection->Set##Type(&message, field, static_cast<type>(number())); \
    }                                                                      \
    break;
      CARILLON_WALK_NUMBER(INT32, Int32, std::int32_t)
      CARILLON_WALK_NUMBER(INT64, Int64, std::int64_t)
      CARILLON_WALK_NUMBER(UINT32, UInt32, std::uint32_t)
      CARILLON_WALK_NUMBER(UINT64, UInt64, std::uint64_t)
      CARILLON_WALK_NUMBER(FLOAT, Float, float)
      CARILLON_WALK_NUMBER(DOUBLE, Double, double)
#undef CARILLON_WALK_NUMBER
    case FieldDescriptor::CPPTYPE_BOOL:
      if (field->is_repeated()) {
        reflection->AddBool(&message, field, true);
      } else {
        reflection->SetBool(&message, field, true);
      }
      break;
    default:
      break;
  }
}

void FillKnown(protobuf::Message& message) {
  const auto& name = message.GetDescriptor()->full_name();
  if (name == "google.protobuf.Timestamp") {
    message.ParseFromString(ToProto(RealNow()).SerializeAsString());
  } else if (name == "google.protobuf.Duration") {
    message.ParseFromString(
        ToProto(std::chrono::duration_cast<Duration>(std::chrono::seconds(60))).SerializeAsString());
  } else if (name == "google.type.Date") {
    const auto* reflection = message.GetReflection();
    for (const auto& [part, value] : {std::pair{"year", 2030}, {"month", 1}, {"day", 2}})
      reflection->SetInt32(&message, message.GetDescriptor()->FindFieldByName(part), value);
  } else if (name == "google.type.Money") {
    message.GetReflection()->SetString(&message, message.GetDescriptor()->FindFieldByName("currency_code"),
                                       "CNY");
  }
}

void FillMessage(protobuf::Message& message, const Tenant& whose, bool everything,
                 std::vector<const protobuf::Descriptor*>& within) {
  const auto* type = message.GetDescriptor();
  if (IsWellKnown(type)) return FillKnown(message);
  within.push_back(type);
  std::set<const protobuf::OneofDescriptor*> done;
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    const auto& rule = RuleOf(field);
    if (!everything && !rule.required() && rule.repeated().min_items() == 0) continue;
    if (const auto* choice = field->real_containing_oneof(); choice != nullptr && !done.insert(choice).second)
      continue;
    FillField(message, field, whose, everything, within);
  }
  within.pop_back();
}

std::unique_ptr<protobuf::Message> Made(const protobuf::Descriptor* type, const Tenant& whose,
                                        bool everything) {
  auto out = Contracts::The().New(type);
  std::vector<const protobuf::Descriptor*> within;
  FillMessage(*out, whose, everything, within);
  if (const auto* id = type->FindFieldByName("request_id"); id != nullptr)
    out->GetReflection()->SetString(out.get(), id, testing::SomeId());
  return out;
}

void Enter(const protobuf::Descriptor* type, Path& way, std::size_t depth, std::vector<Path>& out) {
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    way.push_back(field);
    out.push_back(way);
    const bool again = std::any_of(way.begin(), way.end() - 1, [&](const auto* above) {
      return above->containing_type() == field->message_type();
    });
    if (field->message_type() != nullptr && !again && way.size() < depth &&
        !IsWellKnown(field->message_type()))
      Enter(field->message_type(), way, depth, out);
    way.pop_back();
  }
}

}  // namespace

bool IsWellKnown(const protobuf::Descriptor* type) { return type->full_name().starts_with("google."); }

std::unique_ptr<protobuf::Message> Needed(const Method& method, const Tenant& whose) {
  return Made(method.request(), whose, false);
}
std::unique_ptr<protobuf::Message> Full(const Method& method, const Tenant& whose) {
  return Made(method.request(), whose, true);
}
std::unique_ptr<protobuf::Message> FullMessage(const protobuf::Descriptor* type, const Tenant& whose) {
  return Made(type, whose, true);
}

std::vector<Path> Fields(const protobuf::Descriptor* type, std::size_t depth) {
  std::vector<Path> out;
  Path way;
  Enter(type, way, depth, out);
  return out;
}

protobuf::Message* Reach(protobuf::Message& root, const Path& path, const Tenant& whose) {
  auto* at = &root;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    const auto* field = path[i];
    const auto* reflection = at->GetReflection();
    const bool missing =
        field->is_repeated() ? reflection->FieldSize(*at, field) == 0 : !reflection->HasField(*at, field);
    auto* child = field->is_repeated() ? (missing ? reflection->AddMessage(at, field)
                                                  : reflection->MutableRepeatedMessage(at, field, 0))
                                       : reflection->MutableMessage(at, field);
    if (missing) {
      std::vector<const protobuf::Descriptor*> within;
      FillMessage(*child, whose, false, within);
    }
    at = child;
  }
  return at;
}

void Put(protobuf::Message& holder, const protobuf::FieldDescriptor* field, const std::string& text) {
  const auto* reflection = holder.GetReflection();
  if (field->is_repeated()) {
    reflection->ClearField(&holder, field);
    reflection->AddString(&holder, field, text);
  } else {
    reflection->SetString(&holder, field, text);
  }
}

std::string Spelled(const Path& path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (i > 0) out += ".";
    out += path[i]->name();
    if (path[i]->is_repeated() && i + 1 < path.size()) out += "[0]";
  }
  return out;
}

std::vector<std::string> NamesFor(const Method& method, const protobuf::FieldDescriptor* field,
                                  const Tenant& whose) {
  const auto& rule = RuleOf(field);
  const auto& text = field->is_repeated() ? rule.repeated().items().string() : rule.string();
  std::vector<std::string> collections;
  if (!text.name_of().empty()) {
    collections.push_back(text.name_of());
  } else if (const auto slash = text.pattern().find('/'); slash != std::string::npos && slash > 1) {
    return Matching(text.pattern(), whose);
  } else {
    for (const auto& [collection, names] : whose.names) {
      const auto singular = Singular(collection);
      if (IsBelow(field->name(), singular) || IsBelow(field->name(), singular + "s") ||
          (field->name() == "name" && method.descriptor->name().find(Pascal(singular)) != std::string::npos))
        collections.push_back(collection);
    }
  }
  std::vector<std::string> out;
  for (const auto& collection : collections)
    if (const auto it = whose.names.find(collection); it != whose.names.end())
      out.insert(out.end(), it->second.begin(), it->second.end());
  return out;
}

std::string GoodText(const protobuf::FieldDescriptor* field, const options::FieldRule& rule,
                     const Tenant& whose) {
  const auto& r = rule.string();
  if (!r.name_of().empty()) return NameIn(r.name_of(), whose);
  if (r.uuid()) return testing::SomeId();
  if (r.e164()) return "+8613800138000";
  if (r.email()) return "someone@example.com";
  if (r.in_size() > 0) return r.in(0);
  if (!r.pattern().empty()) return Fitting(r.pattern(), whose);
  for (const auto& [collection, names] : whose.names)
    if (IsBelow(field->name(), Singular(collection))) return names.front();
  auto out = whose.mark;
  if (r.max_len() > 0 && out.size() > r.max_len()) out.resize(r.max_len());
  while (out.size() < r.min_len()) out += '1';
  return out;
}

}  // namespace carillon::walk
