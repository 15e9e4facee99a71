#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <csignal>
#include <iostream>
#include <limits>
#include <random>

#include "filling.hpp"
#include "testing/health.hpp"
#include "world.hpp"

namespace carillon::walk {
namespace {

using namespace std::chrono_literals;
using protobuf::FieldDescriptor;

/// One request with one thing wrong in it.
struct Wrong {
  std::string what;
  std::string
      field;  ///< where the answer must say it; empty = refused, or taken, without a word about a field
  bool must_refuse;  ///< else: any answer but a breakdown
};

/// Everything that can be wrong with one field, put into a request that is well otherwise.
class Spoiler {
 public:
  using Use = std::function<void(const protobuf::Message&, const Wrong&)>;
  Spoiler(const Method& method, const Tenant& whose, Use use)
      : method_(method), whose_(whose), use_(std::move(use)) {}

  void Spoil(const Path& path) {
    path_ = &path;
    const auto* field = path.back();
    const auto& rule = RuleOf(field);
    if (rule.required())
      Case("missing", Spelled(path), true,
           [&](auto& holder) { holder.GetReflection()->ClearField(&holder, field); });
    if (field->is_repeated()) {
      TooMany(field, rule.repeated());
      if (field->is_map()) return;
    }
    const auto& each = field->is_repeated() ? rule.repeated().items() : rule;
    const auto at = Spelled(path) + (field->is_repeated() ? "[0]" : "");
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        field->type() == FieldDescriptor::TYPE_BYTES ? Bytes(field, each, at) : Text(field, each, at);
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        Case("a number its enum does not name", at, true,
             [&](auto& holder) { PutEnum(holder, field, 4711); });
        for (const auto refused : each.enum_().not_in())
          if (refused != 0)
            Case("a refused value", at, true,
                 [&, refused](auto& holder) { PutEnum(holder, field, refused); });
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        Known(field, at);
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        break;
      default:
        Number(field, each, at);
    }
  }

 private:
  void Case(const std::string& what, const std::string& at, bool must_refuse,
            const std::function<void(protobuf::Message&)>& spoil) {
    auto request = Needed(method_, whose_);
    spoil(*Reach(*request, *path_, whose_));
    use_(*request, {what, at, must_refuse});
  }

  void Text(const FieldDescriptor* field, const options::FieldRule& rule, const std::string& at) {
    const auto put = [&](const std::string& what, const std::string& text, bool must = true) {
      Case(what, at, must, [&](auto& holder) { Put(holder, field, text); });
    };
    const auto& r = rule.string();
    put("too long", std::string(r.max_len() != 0 ? r.max_len() + 1 : 1025, 'a'));
    put("much too long", std::string(std::max<std::size_t>(100'000, r.max_len() + 1), '1'));
    auto good = GoodText(field, rule, whose_);
    put("a zero byte", good.empty() ? std::string(1, '\0') : good.substr(0, good.size() / 2) + '\0' + good);
    // No field can be named: a text that is none breaks the message.
    Case("no UTF-8", "", true, [&](auto& holder) { Put(holder, field, "\xc3\x28\xff"); });
    put("every odd character", "\x01\x1f\x7f\xe2\x80\xae'\"\\;--%s${x}\xf0\x9f\x98\x80", false);
    if (r.min_len() > 1) put("too short", "a");
    if (!r.pattern().empty()) put("against its pattern", "\x01 does not fit \x02");
    if (r.in_size() > 0) put("none of the values", "none of these");
    if (r.uuid()) {
      put("no uuid", "not-a-uuid");
      put("almost a uuid", testing::SomeId() + "0");
    }
    if (r.e164())
      for (const char* bad : {"13800138000", "+0123456789", "+86 138", "+", "+123456789012345678"})
        put(std::string("no E.164: ") + bad, bad);
    if (r.email())
      for (const char* bad : {"someone", "@example.com", "a@b@c", "a b@example.com"})
        put(std::string("no address: ") + bad, bad);
    if (!r.name_of().empty()) {
      put("of another collection", "elephants/" + testing::SomeId());
      put("without a uuid", r.name_of() + "/1");
      put("with something behind", r.name_of() + "/" + testing::SomeId() + "/x");
      put("no name", "nonsense");
    } else if (!NamesFor(method_, field, whose_).empty()) {
      put("no name where one is looked for", "nonsense", false);
      put("a name of nothing", "elephants/elephant", false);
    }
  }

  void Bytes(const FieldDescriptor* field, const options::FieldRule& rule, const std::string& at) {
    const auto most = rule.bytes().max_len() != 0 ? rule.bytes().max_len() : 512 * 1024;
    Case("too many bytes", at, true, [&](auto& holder) { Put(holder, field, std::string(most + 1, 'x')); });
    Case("zero bytes", at, false, [&](auto& holder) { Put(holder, field, std::string(3, '\0')); });
  }

  void Number(const FieldDescriptor* field, const options::FieldRule& rule, const std::string& at) {
    const auto& bounds = rule.number();
    if (bounds.has_gte())
      Case("too small", at, true, [&](auto& holder) {
        PutNumber(holder, field, bounds.gte() == 1 ? -1 : bounds.gte() - 1);  // a number that is 0 is not set
      });
    if (bounds.has_lte())
      Case("too large", at, true, [&](auto& holder) { PutNumber(holder, field, bounds.lte() + 1); });
    for (const bool low : {false, true})
      Case(low ? "the smallest there is" : "the largest there is", at, false, [&](auto& holder) {
        PutNumber(holder, field,
                  low ? std::numeric_limits<double>::lowest() : std::numeric_limits<double>::max());
      });
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE ||
        field->cpp_type() == FieldDescriptor::CPPTYPE_FLOAT)
      for (const double odd : {std::nan(""), std::numeric_limits<double>::infinity()})
        Case("no number", at, true, [&](auto& holder) { PutNumber(holder, field, odd); });
  }

  void TooMany(const FieldDescriptor* field, const options::RepeatedRule& rule) {
    const auto most = static_cast<int>(rule.max_items() != 0 ? rule.max_items() : 1000);
    Case("too many", Spelled(*path_), true, [&](auto& holder) {
      const auto* reflection = holder.GetReflection();
      reflection->ClearField(&holder, field);
      for (int i = 0; i <= most; ++i) {
        switch (field->cpp_type()) {
          case FieldDescriptor::CPPTYPE_STRING:
            reflection->AddString(&holder, field, GoodText(field, rule.items(), whose_));
            break;
          case FieldDescriptor::CPPTYPE_MESSAGE: {
            auto* item = reflection->AddMessage(&holder, field);
            if (field->is_map() &&
                field->message_type()->map_key()->cpp_type() == FieldDescriptor::CPPTYPE_STRING)
              item->GetReflection()->SetString(item, field->message_type()->map_key(),
                                               "k" + std::to_string(i));
            break;
          }
          case FieldDescriptor::CPPTYPE_ENUM:
            reflection->AddEnumValue(&holder, field, 1);
            break;
          case FieldDescriptor::CPPTYPE_INT32:
            reflection->AddInt32(&holder, field, 1);
            break;
          case FieldDescriptor::CPPTYPE_INT64:
            reflection->AddInt64(&holder, field, 1);
            break;
          case FieldDescriptor::CPPTYPE_DOUBLE:
            reflection->AddDouble(&holder, field, 1);
            break;
          default:
            break;
        }
      }
    });
    if (rule.unique() && field->cpp_type() == FieldDescriptor::CPPTYPE_STRING)
      Case("the same twice", Spelled(*path_) + "[1]", true, [&](auto& holder) {
        const auto text = GoodText(field, rule.items(), whose_);
        const auto* reflection = holder.GetReflection();
        reflection->ClearField(&holder, field);
        for (int i = 0; i < 2; ++i) reflection->AddString(&holder, field, text);
      });
  }

  protobuf::Message* Item(protobuf::Message& holder, const FieldDescriptor* field) {
    const auto* reflection = holder.GetReflection();
    if (!field->is_repeated()) return reflection->MutableMessage(&holder, field);
    reflection->ClearField(&holder, field);
    return reflection->AddMessage(&holder, field);
  }

  void Known(const FieldDescriptor* field, const std::string& at) {
    const auto& type = field->message_type()->full_name();
    const auto pair = [&](const std::string& what, std::int64_t seconds, std::int32_t nanos,
                          bool must = true) {
      Case(what, at, must, [&](auto& holder) {
        auto* item = Item(holder, field);
        const auto* d = item->GetDescriptor();
        item->GetReflection()->SetInt64(item, d->FindFieldByName("seconds"), seconds);
        item->GetReflection()->SetInt32(item, d->FindFieldByName("nanos"), nanos);
      });
    };
    if (type == "google.protobuf.Timestamp") {
      pair("the year 0", -62'167'219'200, 0);
      pair("the year 10000", 253'402'300'800, 0);
      pair("the end of time", std::numeric_limits<std::int64_t>::max(), 0);
      pair("the beginning of time", std::numeric_limits<std::int64_t>::min(), 0);
      pair("negative nanoseconds", 1'700'000'000, -1);
      pair("a second of nanoseconds", 1'700'000'000, 1'000'000'000);
      pair("the first day there is", -62'135'596'800, 0, false);
      pair("the last day there is", 253'402'300'799, 999'999'999, false);
    } else if (type == "google.protobuf.Duration") {
      pair("longer than can be", 315'576'000'001, 0);
      pair("the longest number", std::numeric_limits<std::int64_t>::max(), 0);
      pair("two signs", 1, -1);
      pair("a second of nanoseconds", 1, 1'000'000'000);
      pair("ten thousand years", 315'576'000'000, 0, false);
      pair("less than nothing", -5, 0, false);
    } else if (type == "google.protobuf.FieldMask") {
      for (const char* bad : {"nonsense", "name.name.name", "", "..", "*.*"})
        Case("a mask of nothing: " + std::string(bad), "", false, [&](auto& holder) {
          auto* item = Item(holder, field);
          item->GetReflection()->AddString(item, item->GetDescriptor()->FindFieldByName("paths"), bad);
        });
    } else if (type == "google.protobuf.Struct") {
      const auto json = [&](const std::string& what, const std::string& text, const std::string& where,
                            bool must) {
        Case(what, where, must, [&](auto& holder) {
          Item(holder, field)->CopyFrom(*Contracts::The().FromJson(field->message_type(), text));
        });
      };
      json("a zero byte in a value", R"({"k":"a\u0000b"})", at, true);
      json("a zero byte in a key", R"({"a\u0000b":"x"})", at, true);
      json("unknown keys", R"({"nobody_defined_this":{"a":[1,{"b":null}]}})", "", false);
      std::string deep = "1";
      for (int i = 0; i < 28; ++i) deep = "[" + deep + "]";
      json("thirty deep", R"({"k":)" + deep + "}", "", false);
    } else if (type == "google.type.Date") {
      for (const auto& [year, month, day] :
           {std::array{-1, 1, 1}, {10000, 1, 1}, {2026, 13, 1}, {2026, 2, 30}, {2026, 1, -1}, {2026, 1, 32}})
        Case("no date", at, true, [&](auto& holder) {
          auto* item = Item(holder, field);
          const auto* d = item->GetDescriptor();
          item->GetReflection()->SetInt32(item, d->FindFieldByName("year"), year);
          item->GetReflection()->SetInt32(item, d->FindFieldByName("month"), month);
          item->GetReflection()->SetInt32(item, d->FindFieldByName("day"), day);
        });
    } else if (type == "google.type.Money") {
      Case("two signs", at, true, [&](auto& holder) {
        auto* item = Item(holder, field);
        const auto* d = item->GetDescriptor();
        item->GetReflection()->SetString(item, d->FindFieldByName("currency_code"), "CNY");
        item->GetReflection()->SetInt64(item, d->FindFieldByName("units"), 1);
        item->GetReflection()->SetInt32(item, d->FindFieldByName("nanos"), -1);
      });
    }
  }

  static void PutEnum(protobuf::Message& holder, const FieldDescriptor* field, int value) {
    const auto* reflection = holder.GetReflection();
    if (field->is_repeated()) {
      reflection->ClearField(&holder, field);
      reflection->AddEnumValue(&holder, field, value);
    } else {
      reflection->SetEnumValue(&holder, field, value);
    }
  }

  template <class T>
  static T Clamped(double value) {
    if (std::isnan(value)) return T{};
    if (value <= static_cast<double>(std::numeric_limits<T>::lowest()))
      return std::numeric_limits<T>::lowest();
    if (value >= static_cast<double>(std::numeric_limits<T>::max())) return std::numeric_limits<T>::max();
    return static_cast<T>(value);
  }

  static void PutNumber(protobuf::Message& holder, const FieldDescriptor* field, double value) {
    const auto* reflection = holder.GetReflection();
    if (field->is_repeated()) reflection->ClearField(&holder, field);
    const auto put = [&](auto set, auto add, auto number) {
      if (field->is_repeated()) {
        (reflection->*add)(&holder, field, number);
      } else {
        (reflection->*set)(&holder, field, number);
      }
    };
    using R = protobuf::Reflection;
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return put(&R::SetInt32, &R::AddInt32, Clamped<std::int32_t>(value));
      case FieldDescriptor::CPPTYPE_INT64:
        return put(&R::SetInt64, &R::AddInt64, Clamped<std::int64_t>(value));
      case FieldDescriptor::CPPTYPE_UINT32:
        return put(&R::SetUInt32, &R::AddUInt32, Clamped<std::uint32_t>(value));
      case FieldDescriptor::CPPTYPE_UINT64:
        return put(&R::SetUInt64, &R::AddUInt64, Clamped<std::uint64_t>(value));
      case FieldDescriptor::CPPTYPE_FLOAT:
        return put(&R::SetFloat, &R::AddFloat, static_cast<float>(value));
      default:
        return put(&R::SetDouble, &R::AddDouble, value);
    }
  }

  const Method& method_;
  const Tenant& whose_;
  Use use_;
  const Path* path_ = nullptr;
};

bool Broke(const Answer& answer) {
  return answer.code() == Code::kInternal || answer.code() == Code::kUnknown ||
         answer.code() == Code::kDataLoss || answer.code() == Code::kUnavailable ||
         answer.code() == Code::kDeadlineExceeded;
}

std::string Said(const Answer& answer) {
  if (answer.ok()) return "OK";
  auto out =
      std::to_string(static_cast<int>(answer.code())) + " " + answer.reason() + " " + answer.error->message;
  for (const auto& violation : answer.error->violations) out += " [" + violation.field + "]";
  return out;
}

/// Whether the answer says that `field`, or something within it, is wrong.
bool Names(const Answer& answer, const std::string& field) {
  if (answer.ok()) return false;
  for (const auto& violation : answer.error->violations)
    if (violation.field == field || violation.field.starts_with(field + ".") ||
        violation.field.starts_with(field + "["))
      return true;
  return false;
}

struct Caller {
  std::string token, tenant;
};
Caller WhoMay(const Method& method) {
  auto& world = World::The();
  if (method.permission == "public") return {};
  static const auto service = world.platform().ServiceToken("ivr");
  static const auto boss = world.platform().admin_token();
  if (method.permission == "service") return {service, world.ours().id};
  if (method.permission == "access.admin") return {boss, ""};
  return {world.ours().all, ""};
}

bool IsThere(const Method& method) {
  const auto& services = World::The().services();
  return std::find(services.begin(), services.end(), method.service) != services.end();
}

std::map<std::string, int> Pids() {
  std::map<std::string, int> out;
  for (const auto& service : World::The().services())
    out[service] = World::The().platform().service(service).process().pid();
  return out;
}

void CheckAlive(const std::map<std::string, int>& pids) {
  for (const auto& [service, pid] : pids) {
    INFO(service);
    CHECK(::kill(pid, 0) == 0);
    CHECK(testing::IsServing(World::The().platform().target(service)));
  }
}

TEST_CASE("every field of every request is refused by name when it is wrong, and nothing breaks",
          "[walk][input]") {
  auto& world = World::The();
  const auto pids = Pids();
  std::size_t methods = 0, fields = 0, cases = 0, named = 0;
  std::map<std::string, int> said;  // one line for the same complaint
  for (const auto& method : Contracts::The().methods()) {
    if (!IsThere(method)) {
      FAIL_CHECK("there is no carillon-" + method.service);
      continue;
    }
    ++methods;
    const auto caller = WhoMay(method);
    for (const auto& path : Fields(method.request())) {
      ++fields;
      Spoiler spoiler(method, world.ours(), [&](const protobuf::Message& request, const Wrong& wrong) {
        ++cases;
        const auto answer = world.Ask(method, request, caller.token, caller.tenant);
        const bool good = wrong.must_refuse ? answer.code() == Code::kInvalidArgument &&
                                                  (wrong.field.empty() || Names(answer, wrong.field))
                                            : !Broke(answer);
        if (wrong.must_refuse && !wrong.field.empty()) ++named;
        if (good) return;
        const auto what = path.back()->full_name() + " " + wrong.what;
        if (said[what]++ == 0)
          FAIL_CHECK(method.path + " " + wrong.field + " " + wrong.what + ": " + Said(answer));
      });
      spoiler.Spoil(path);
    }
  }
  CheckAlive(pids);
  CHECK(methods == Contracts::The().methods().size());
  CHECK(named > 1000);
  std::cout << "bad input: " << methods << " of " << Contracts::The().methods().size() << " methods, "
            << fields << " fields, " << cases << " cases, " << named << " of them must name the field; "
            << said.size() << " complaints" << std::endl;
}

TEST_CASE("a request that is well but for nothing passes its rules", "[walk][input]") {
  // Else the walk above would find every field refused, whatever is in it.
  auto& world = World::The();
  int asked = 0;
  for (const auto& method : Contracts::The().methods()) {
    if (!IsThere(method)) continue;
    const auto caller = WhoMay(method);
    const auto answer = world.Ask(method, *Needed(method, world.ours()), caller.token, caller.tenant);
    INFO(method.path << ": " << Said(answer));
    const bool by_rule =
        answer.error && answer.error->message == "A field of the request is not as it must be.";
    CHECK_FALSE(by_rule);
    CHECK_FALSE(Broke(answer));
    ++asked;
  }
  std::cout << "well-formed requests: " << asked << std::endl;
}

/// Bytes that are no message, and bytes that almost are one.
void Noise(int rounds) {
  auto& world = World::The();
  const auto pids = Pids();
  std::mt19937 random(Catch::rngSeed());
  std::size_t cases = 0;
  for (const auto& method : Contracts::The().methods()) {
    if (!IsThere(method)) continue;
    const auto caller = WhoMay(method);
    const auto full = Full(method, world.ours())->SerializeAsString();
    const auto patience = method.streaming() ? 300ms : 20000ms;
    const auto send = [&](const std::string& what, const std::string& bytes, bool must_refuse) {
      INFO(method.path << ": " << what);
      ++cases;
      const auto answer =
          world.line(method.service)
              .Ask(method.path, bytes, caller.token, caller.tenant, patience, method.streaming());
      INFO(Said(answer));
      if (must_refuse) CHECK(answer.code() == Code::kInvalidArgument);
      CHECK_FALSE(Broke(answer));
    };
    send("an open group", "\x0b", true);
    send("a length beyond the end", "\x0a\x7f", true);
    send("a tag that never ends", std::string(16, '\xff'), true);
    for (int i = 0; i < rounds; ++i) {
      std::string bytes(random() % 64, '\0');
      for (char& c : bytes) c = static_cast<char>(random());
      send("any bytes", bytes, false);
      bytes = full;
      for (std::size_t k = 0; k < 1 + bytes.size() / 40 && !bytes.empty(); ++k)
        bytes[random() % bytes.size()] = static_cast<char>(random());
      send("a message with bytes changed", bytes, false);
      send("a message cut off", full.substr(0, full.empty() ? 0 : random() % full.size()), false);
    }
  }
  for (const auto& service : world.services()) {
    const auto& methods = Contracts::The().methods();
    const auto method = std::find_if(methods.begin(), methods.end(),
                                     [&](const Method& each) { return each.service == service; });
    const auto answer =
        world.line(service).Ask(method->path, std::string(8 << 20, 'x'), WhoMay(*method).token);
    INFO(service << " " << Said(answer));
    CHECK(answer.code() == Code::kResourceExhausted);
    ++cases;
  }
  CheckAlive(pids);
  std::cout << "noise: " << cases << " messages" << std::endl;
}

TEST_CASE("bytes that are no message break nothing", "[walk][input]") { Noise(2); }
TEST_CASE("many bytes that are no message break nothing", "[.long][walk]") { Noise(200); }

TEST_CASE("a connection that speaks nonsense, or stops in the middle of a frame, harms nobody",
          "[walk][input]") {
  auto& world = World::The();
  const auto pids = Pids();
  std::mt19937 random(Catch::rngSeed());
  const std::string preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  const std::string settings("\0\0\0\4\0\0\0\0\0", 9);
  std::vector<std::string> speeches{
      "GET / HTTP/1.1\r\n\r\n",
      preface,
      preface.substr(0, 11),
      preface + settings,
      preface + settings + std::string("\0\0\x10\1\4\0\0\0\1", 9),       // a header cut off
      preface + settings + std::string("\0\0\x08\0\1\0\0\0\1half", 13),  // data of no call
      preface + settings + std::string("\xff\xff\xff\0\0\0\0\0\1", 9),   // a frame of 16 MiB
      std::string("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03", 11)};      // TLS
  for (int i = 0; i < 20; ++i) {
    std::string noise(random() % 300, '\0');
    for (char& c : noise) c = static_cast<char>(random());
    speeches.push_back(preface + settings + noise);
    speeches.push_back(noise);
  }
  std::size_t said = 0;
  for (const auto& service : world.services()) {
    for (const auto& speech : speeches) {
      const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_in to{};
      to.sin_family = AF_INET;
      to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      to.sin_port = htons(static_cast<std::uint16_t>(world.platform().port(service)));
      sockaddr generic{};
      std::memcpy(&generic, &to, sizeof generic);
      REQUIRE(::connect(fd, &generic, sizeof generic) == 0);
      static_cast<void>(::send(fd, speech.data(), speech.size(), MSG_NOSIGNAL));
      ::close(fd);
      ++said;
    }
  }
  CheckAlive(pids);
  std::cout << "connections that speak nonsense: " << said << std::endl;
}

}  // namespace
}  // namespace carillon::walk
