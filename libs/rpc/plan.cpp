#include "rpc/plan.hpp"

#include <google/protobuf/descriptor.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>

#include "base/ids.hpp"
#include "carillon/options/v1/options.pb.h"

namespace carillon::rpc {
namespace {

namespace protobuf = google::protobuf;
namespace options = carillon::options::v1;
using protobuf::FieldDescriptor;

struct MessagePlan;

struct FieldPlan {
  const FieldDescriptor* field;
  options::FieldRule rule;
  options::FieldRule item_rule;
  std::shared_ptr<const re2::RE2> pattern;  // of the string, or of each string of a list
  const options::Sensitivity* sensitive = nullptr;
  const MessagePlan* child = nullptr;
};

/// Types of Google's whose values have a range of their own, whatever field holds them.
enum class Known { kNone, kTimestamp, kDuration, kDate, kMoney };

Known KnownOf(const protobuf::Descriptor* type) {
  const auto& name = type->full_name();
  if (name == "google.protobuf.Timestamp") return Known::kTimestamp;
  if (name == "google.protobuf.Duration") return Known::kDuration;
  if (name == "google.type.Date") return Known::kDate;
  if (name == "google.type.Money") return Known::kMoney;
  return Known::kNone;
}

struct MessagePlan {
  std::vector<FieldPlan> fields;
  Known known = Known::kNone;
  bool holds_sensitive = false;
};

class PlanCache {
 public:
  const MessagePlan& Of(const protobuf::Descriptor* type) {
    {
      const std::shared_lock lock(mutex_);
      if (const auto it = plans_.find(type); it != plans_.end()) return *it->second;
    }
    const std::unique_lock lock(mutex_);
    const auto& plan = Build(type);
    // A recursive type may hold a sensitive field only through itself: go round until nothing changes.
    for (bool changed = true; changed;) {
      changed = false;
      for (const auto& [key, each] : plans_)
        for (const auto& field : each->fields)
          if (!each->holds_sensitive && field.child != nullptr && field.child->holds_sensitive)
            changed = each->holds_sensitive = true;
    }
    return plan;
  }

 private:
  const MessagePlan& Build(const protobuf::Descriptor* type) {
    auto& slot = plans_[type];
    if (slot) return *slot;
    slot = std::make_unique<MessagePlan>();
    auto* plan = slot.get();
    plan->known = KnownOf(type);
    for (int i = 0; i < type->field_count(); ++i) {
      const auto* field = type->field(i);
      FieldPlan out{.field = field,
                    .rule = field->options().GetExtension(options::rule),
                    .item_rule = {},
                    .pattern = {}};
      if (out.rule.repeated().has_items()) out.item_rule = out.rule.repeated().items();
      const auto& text = field->is_repeated() ? out.item_rule.string() : out.rule.string();
      if (!text.pattern().empty()) {
        out.pattern = std::make_shared<re2::RE2>(text.pattern());
        CARILLON_CHECK(out.pattern->ok());
      }
      if (field->options().HasExtension(options::sensitive)) {
        out.sensitive = &field->options().GetExtension(options::sensitive);
        plan->holds_sensitive = true;
      }
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) out.child = &Build(field->message_type());
      plan->fields.push_back(std::move(out));
    }
    return *plan;
  }
  std::shared_mutex mutex_;
  std::map<const protobuf::Descriptor*, std::unique_ptr<MessagePlan>> plans_;
};

PlanCache& Plans() {
  static PlanCache cache;
  return cache;
}

constexpr std::size_t kTextBytes = 1024;
constexpr std::size_t kListItems = 1000;
constexpr std::size_t kRawBytes = 512 * 1024;
constexpr std::int64_t kFirstSecond = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kLastSecond = 253'402'300'799;   // 9999-12-31T23:59:59Z
constexpr std::int64_t kLongest = 315'576'000'000;      // 10,000 years, in seconds
constexpr std::int64_t kNanos = 1'000'000'000;

std::size_t Characters(std::string_view utf8) {
  std::size_t n = 0;
  for (const char c : utf8) n += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  return n;
}

bool IsE164(std::string_view text) {
  if (text.size() < 8 || text.size() > 16 || text[0] != '+' || text[1] == '0') return false;
  return text.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

bool IsEmail(std::string_view text) {
  static const re2::RE2 kEmail(
      R"([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+)");
  return text.size() <= 254 && re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), kEmail);
}

class Checker {
 public:
  explicit Checker(std::vector<Violation>& out) : out_(out) {}

  void Message(const protobuf::Message& message, const std::string& prefix) {
    const auto* reflection = message.GetReflection();
    const auto& type = Plans().Of(message.GetDescriptor());
    if (type.known != Known::kNone) Value(type.known, message, prefix);
    for (const auto& plan : type.fields) {
      const auto path = prefix.empty() ? std::string(plan.field->name()) : prefix + "." + plan.field->name();
      if (plan.field->is_repeated()) {
        List(message, *reflection, plan, path);
      } else {
        Single(message, *reflection, plan, path);
      }
    }
  }

 private:
  void Say(const std::string& path, std::string what) { out_.push_back({path, std::move(what)}); }

  void Value(Known known, const protobuf::Message& message, const std::string& path) {
    const auto number = [&](const char* field) -> std::int64_t {
      const auto* f = message.GetDescriptor()->FindFieldByName(field);
      const auto* reflection = message.GetReflection();
      return f->cpp_type() == FieldDescriptor::CPPTYPE_INT64 ? reflection->GetInt64(message, f)
                                                             : reflection->GetInt32(message, f);
    };
    switch (known) {
      case Known::kTimestamp:
        if (number("seconds") < kFirstSecond || number("seconds") > kLastSecond || number("nanos") < 0 ||
            number("nanos") >= kNanos)
          Say(path, "must be a time of the years 1 to 9999");
        return;
      case Known::kDuration:
        if (number("seconds") < -kLongest || number("seconds") > kLongest ||
            !OneSign(number("seconds"), number("nanos")))
          Say(path, "must be a length of at most 10,000 years, seconds and nanos of one sign");
        return;
      case Known::kDate: {
        // A part that is 0 is not given: a year alone, a birthday without its year.
        const auto year = number("year"), month = number("month"), day = number("day");
        static constexpr std::array<int, 13> kDays{31, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        const bool leap = year == 0 || (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
        if (year < 0 || year > 9999 || month < 0 || month > 12 || day < 0 ||
            day > kDays.at(static_cast<std::size_t>(std::clamp<std::int64_t>(month, 0, 12))) ||
            (month == 2 && day == 29 && !leap))
          Say(path, "must be a date of the calendar");
        return;
      }
      case Known::kMoney:
        if (!OneSign(number("units"), number("nanos"))) Say(path, "must have units and nanos of one sign");
        return;
      case Known::kNone:
        return;
    }
  }

  static bool OneSign(std::int64_t whole, std::int64_t nanos) {
    return nanos > -kNanos && nanos < kNanos && !(whole > 0 && nanos < 0) && !(whole < 0 && nanos > 0);
  }

  void List(const protobuf::Message& message, const protobuf::Reflection& reflection, const FieldPlan& plan,
            const std::string& path) {
    const auto count = static_cast<std::size_t>(reflection.FieldSize(message, plan.field));
    const auto& rule = plan.rule.repeated();
    const auto most = rule.max_items() != 0 ? rule.max_items() : kListItems;
    const auto least = std::max<std::size_t>(rule.min_items(), plan.rule.required() ? 1 : 0);
    if (count < least) Say(path, "must hold at least " + std::to_string(least) + " items");
    if (count > most) return Say(path, "must hold at most " + std::to_string(most) + " items");
    std::set<std::string> seen;
    for (int i = 0; i < static_cast<int>(count); ++i) {
      const auto item = path + "[" + std::to_string(i) + "]";
      switch (plan.field->cpp_type()) {
        case FieldDescriptor::CPPTYPE_MESSAGE:
          Message(reflection.GetRepeatedMessage(message, plan.field, i), item);
          break;
        case FieldDescriptor::CPPTYPE_STRING: {
          std::string scratch;
          const auto& text = reflection.GetRepeatedStringReference(message, plan.field, i, &scratch);
          Text(plan, plan.item_rule, text, item);
          if (rule.unique() && !seen.insert(text).second) Say(item, "is there twice");
          break;
        }
        case FieldDescriptor::CPPTYPE_ENUM:
          Enum(plan, plan.item_rule, reflection.GetRepeatedEnumValue(message, plan.field, i), item);
          break;
        case FieldDescriptor::CPPTYPE_INT32:
          Number(plan.item_rule, reflection.GetRepeatedInt32(message, plan.field, i), item);
          break;
        case FieldDescriptor::CPPTYPE_INT64:
          Number(plan.item_rule, static_cast<double>(reflection.GetRepeatedInt64(message, plan.field, i)),
                 item);
          break;
        case FieldDescriptor::CPPTYPE_DOUBLE:
          Number(plan.item_rule, reflection.GetRepeatedDouble(message, plan.field, i), item);
          break;
        default:
          break;
      }
    }
  }

  void Single(const protobuf::Message& message, const protobuf::Reflection& reflection, const FieldPlan& plan,
              const std::string& path) {
    const auto* field = plan.field;
    const bool set =
        field->has_presence() ? reflection.HasField(message, field) : IsSet(message, reflection, field);
    if (!set) {
      if (plan.rule.required()) Say(path, "is required");
      return;
    }
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Message(reflection.GetMessage(message, field), path);
      case FieldDescriptor::CPPTYPE_STRING: {
        std::string scratch;
        return Text(plan, plan.rule, reflection.GetStringReference(message, field, &scratch), path);
      }
      case FieldDescriptor::CPPTYPE_ENUM:
        return Enum(plan, plan.rule, reflection.GetEnumValue(message, field), path);
      case FieldDescriptor::CPPTYPE_INT32:
        return Number(plan.rule, reflection.GetInt32(message, field), path);
      case FieldDescriptor::CPPTYPE_INT64:
        return Number(plan.rule, static_cast<double>(reflection.GetInt64(message, field)), path);
      case FieldDescriptor::CPPTYPE_UINT32:
        return Number(plan.rule, reflection.GetUInt32(message, field), path);
      case FieldDescriptor::CPPTYPE_UINT64:
        return Number(plan.rule, static_cast<double>(reflection.GetUInt64(message, field)), path);
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return Number(plan.rule, reflection.GetDouble(message, field), path);
      case FieldDescriptor::CPPTYPE_FLOAT:
        return Number(plan.rule, static_cast<double>(reflection.GetFloat(message, field)), path);
      case FieldDescriptor::CPPTYPE_BOOL:
        return;
    }
  }

  static bool IsSet(const protobuf::Message& message, const protobuf::Reflection& reflection,
                    const FieldDescriptor* field) {
    return reflection.HasField(message, field);  // proto3: not the default value
  }

  void Text(const FieldPlan& plan, const options::FieldRule& rule, const std::string& text,
            const std::string& path) {
    if (plan.field->type() == FieldDescriptor::TYPE_BYTES) {
      const auto most = rule.bytes().max_len() != 0 ? rule.bytes().max_len() : kRawBytes;
      if (text.size() > most) Say(path, "must be at most " + std::to_string(most) + " bytes");
      return;
    }
    const auto& r = rule.string();
    if (text.find('\0') != std::string::npos) return Say(path, "must not hold a zero byte");
    if (r.max_len() == 0 && text.size() > kTextBytes)
      return Say(path, "must be at most " + std::to_string(kTextBytes) + " bytes");
    if (r.max_len() != 0 || r.min_len() != 0) {
      const auto length = Characters(text);
      if (length < r.min_len())
        Say(path, "must have at least " + std::to_string(r.min_len()) + " characters");
      if (r.max_len() != 0 && length > r.max_len())
        return Say(path, "must have at most " + std::to_string(r.max_len()) + " characters");
    }
    if (plan.pattern && !re2::RE2::FullMatch(text, *plan.pattern)) Say(path, "must match " + r.pattern());
    if (r.in_size() > 0 && std::find(r.in().begin(), r.in().end(), text) == r.in().end())
      Say(path, "is none of the values allowed");
    if (r.uuid() && !IsUuid(text)) Say(path, "must be a UUID");
    if (r.e164() && !IsE164(text)) Say(path, "must be an E.164 number: + and 7 to 15 digits");
    if (r.email() && !IsEmail(text)) Say(path, "must be an e-mail address");
    if (!r.name_of().empty() && !IdOfName(text, r.name_of()))
      Say(path, "must be of the form " + r.name_of() + "/{uuid}");
  }

  void Enum(const FieldPlan& plan, const options::FieldRule& rule, int value, const std::string& path) {
    if (plan.field->enum_type()->FindValueByNumber(value) == nullptr)
      return Say(path, "is not a value of " + plan.field->enum_type()->name());
    for (const auto refused : rule.enum_().not_in())
      if (refused == value)
        Say(path, "may not be " + plan.field->enum_type()->FindValueByNumber(value)->name());
  }

  void Number(const options::FieldRule& rule, double value, const std::string& path) {
    const auto shown = [](double bound) {
      std::string text = std::to_string(bound);
      text.erase(text.find_last_not_of('0') + 1);
      if (text.ends_with('.')) text.pop_back();
      return text;
    };
    if (!std::isfinite(value)) return Say(path, "must be a number");
    if (rule.number().has_gte() && !(value >= rule.number().gte()))
      Say(path, "must be at least " + shown(rule.number().gte()));
    if (rule.number().has_lte() && !(value <= rule.number().lte()))
      Say(path, "must be at most " + shown(rule.number().lte()));
  }

  std::vector<Violation>& out_;
};

// "customers/0190…", "agents/1023": a collection and an id, no text a person wrote.
bool ReadsAsName(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == 0 || slash == std::string_view::npos || text.size() > 200 || slash + 1 == text.size())
    return false;
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto part = [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '/';
  };
  return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(slash), letter) &&
         std::all_of(text.begin() + static_cast<std::ptrdiff_t>(slash), text.end(), part);
}

// "customers/<uuid>", and what is below it.
bool HoldsUuid(std::string_view text) {
  const auto slash = text.find('/');
  return ReadsAsName(text) && IsUuid(text.substr(slash + 1, 36)) &&
         (text.size() == slash + 37 || text[slash + 37] == '/');
}

// The resource a message is, or "".
std::string NameOf(const protobuf::Message& message) {
  const auto* field = message.GetDescriptor()->FindFieldByName("name");
  if (field == nullptr || field->is_repeated() || field->cpp_type() != FieldDescriptor::CPPTYPE_STRING)
    return "";
  auto name = message.GetReflection()->GetString(message, field);
  return ReadsAsName(name) ? name : "";
}

bool IsEmpty(const protobuf::Message& message, const FieldDescriptor* field) {
  const auto* reflection = message.GetReflection();
  return field->is_repeated() ? reflection->FieldSize(message, field) == 0
                              : !reflection->HasField(message, field);
}

/// Where the walk is, and what it met in clear.
struct Walk {
  Shown* shown = nullptr;  // null = nobody wants to know
  std::string path = {};
  std::string resource = {};

  Walk Into(const protobuf::Message& message, const FieldDescriptor* by) const {
    if (shown == nullptr) return {};
    auto name = NameOf(message);
    return {shown, Path(by), name.empty() ? resource : std::move(name)};
  }
  std::string Path(const FieldDescriptor* field) const {
    return path.empty() ? field->name() : path + "." + field->name();
  }
  void Met(const protobuf::Message& message, const FieldDescriptor* field,
           const options::Sensitivity& s) const {
    if (shown == nullptr || s.data_class() == options::Sensitivity::C1 || IsEmpty(message, field)) return;
    shown->fields.insert(Path(field));
    if (!resource.empty()) shown->resources.insert(resource);
  }
};

template <class May>
void MaskMessage(protobuf::Message& message, const May& may, const Walk& walk) {
  const auto& plan = Plans().Of(message.GetDescriptor());
  if (!plan.holds_sensitive) return;
  const auto* reflection = message.GetReflection();
  for (const auto& field : plan.fields) {
    const auto* d = field.field;
    if (field.sensitive != nullptr && may(*field.sensitive)) {
      walk.Met(message, d, *field.sensitive);
    } else if (field.sensitive != nullptr) {
      if (d->cpp_type() != FieldDescriptor::CPPTYPE_STRING) {
        reflection->ClearField(&message, d);
      } else if (d->is_repeated()) {
        for (int i = 0; i < reflection->FieldSize(message, d); ++i)
          reflection->SetRepeatedString(
              &message, d, i, Masked(reflection->GetRepeatedString(message, d, i), field.sensitive->mask()));
      } else if (const auto value = reflection->GetString(message, d); !value.empty()) {
        reflection->SetString(&message, d, Masked(value, field.sensitive->mask()));
      }
    } else if (field.child != nullptr && field.child->holds_sensitive) {
      if (d->is_repeated()) {
        for (int i = 0; i < reflection->FieldSize(message, d); ++i)
          MaskMessage(*reflection->MutableRepeatedMessage(&message, d, i), may,
                      walk.Into(reflection->GetRepeatedMessage(message, d, i), d));
      } else if (reflection->HasField(message, d)) {
        MaskMessage(*reflection->MutableMessage(&message, d), may,
                    walk.Into(reflection->GetMessage(message, d), d));
      }
    }
  }
}

// The first `n` characters of UTF-8 text.
std::string_view Head(std::string_view text, std::size_t n) {
  std::size_t at = 0;
  while (at < text.size() && n > 0) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) ++at;
    --n;
  }
  return text.substr(0, at);
}

std::string EndsOnly(std::string_view text, std::size_t head, std::size_t tail) {
  if (text.size() <= head + tail) return "***";
  return std::string(text.substr(0, head)) + std::string(text.size() - head - tail, '*') +
         std::string(text.substr(text.size() - tail));
}

}  // namespace

std::vector<Violation> Check(const protobuf::Message& request) {
  std::vector<Violation> out;
  Checker(out).Message(request, "");
  return out;
}

Shown Mask(protobuf::Message& message, const Principal& who) {
  Shown shown;
  MaskMessage(
      message,
      [&](const options::Sensitivity& s) {
        if (s.data_class() == options::Sensitivity::C3) return false;
        if (s.data_class() == options::Sensitivity::C1) return true;
        return who.May(s.permission().empty() ? "customer.unmask" : std::string_view(s.permission()));
      },
      Walk{who.service ? nullptr : &shown, "", NameOf(message)});
  return shown;
}

void MaskAll(protobuf::Message& message) {
  MaskMessage(
      message, [](const options::Sensitivity& s) { return s.data_class() == options::Sensitivity::C1; },
      Walk{});
}

std::vector<std::string> ResourceNames(const protobuf::Message& request) {
  constexpr std::size_t kMost = 100;
  std::vector<std::string> out;
  const auto take = [&](const FieldPlan& field, const std::string& text) {
    const auto& name = field.field->name();
    if (!(name == "name" || name == "parent" ? ReadsAsName(text) : HoldsUuid(text))) return;
    if (out.size() < kMost && std::find(out.begin(), out.end(), text) == out.end()) out.push_back(text);
  };
  const auto walk = [&](const auto& self, const protobuf::Message& message, int depth) -> void {
    const auto* reflection = message.GetReflection();
    for (const auto& field : Plans().Of(message.GetDescriptor()).fields) {
      const auto* d = field.field;
      if (field.sensitive != nullptr || IsEmpty(message, d)) continue;
      const int items = d->is_repeated() ? reflection->FieldSize(message, d) : 1;
      for (int i = 0; i < items && out.size() < kMost; ++i) {
        if (d->cpp_type() == FieldDescriptor::CPPTYPE_STRING)
          take(field, d->is_repeated() ? reflection->GetRepeatedString(message, d, i)
                                       : reflection->GetString(message, d));
        else if (d->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && depth > 0)
          self(self,
               d->is_repeated() ? reflection->GetRepeatedMessage(message, d, i)
                                : reflection->GetMessage(message, d),
               depth - 1);
      }
    }
  };
  walk(walk, request, 1);
  return out;
}

std::string Masked(std::string_view value, int form) {
  switch (form) {
    case options::Sensitivity::MASK_PHONE: {
      const std::size_t prefix = value.starts_with("+86") ? 3 : 0;  // the country is no secret
      return std::string(value.substr(0, prefix)) + EndsOnly(value.substr(prefix), 3, 4);
    }
    case options::Sensitivity::MASK_NAME:
      return std::string(Head(value, 1)) + std::string(std::max<std::size_t>(1, Characters(value) - 1), '*');
    case options::Sensitivity::MASK_ID_NUMBER:
      return EndsOnly(value, 6, 4);
    case options::Sensitivity::MASK_ACCOUNT:
      return EndsOnly(value, 4, 4);
    case options::Sensitivity::MASK_EMAIL: {
      const auto at = value.find('@');
      return at == std::string_view::npos
                 ? "***"
                 : std::string(Head(value, 1)) + "***" + std::string(value.substr(at));
    }
    case options::Sensitivity::MASK_ADDRESS:
      return std::string(Head(value, 6)) + "***";
    default:
      return "***";
  }
}

}  // namespace carillon::rpc
