#include "ivr/domain/journey.hpp"

#include <google/protobuf/struct.pb.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "ivr/domain/json.hpp"
#include "ivr/domain/menus.hpp"

namespace carillon::ivr {
namespace {

// Defaults of the trade: 5 s to the first key, 3 s between keys; the elderly get twice as long.
constexpr int kFirstTimeoutSeconds = 5;
constexpr int kInterDigitSeconds = 3;
constexpr int kMaxEventsInTurn = 60;
// A caller who hears a menu more often is going round in circles.
constexpr int kMaxVisits = 100;
constexpr int kMaxPath = 200;
// How long a code is good that was sent, and where it stands in the words around it.
constexpr std::chrono::minutes kCodeGood{5};
constexpr std::string_view kCodeMark = "{code}";
// What a flow sees instead of a secret; only the nodes that verify one can look behind it.
constexpr std::string_view kSecretMark = "\u2022secret";

struct NodeType {
  std::string_view type, event;
  bool remote = false;
};
constexpr std::array<NodeType, 28> kNodes{{{"carillon:play", "play"},
                                           {"carillon:speak", "play"},
                                           {"carillon:returnToAgent", ""},
                                           {"carillon:voicemail", "voicemail", true},
                                           {"carillon:transfer", "transfer", true},
                                           {"carillon:sms", "sms", true},
                                           {"carillon:fax", "fax", true},
                                           {"carillon:collect", "input"},
                                           {"carillon:survey", "survey"},
                                           {"carillon:chooseMenu", "menu"},
                                           {"carillon:decide", "decide"},
                                           {"carillon:language", ""},
                                           {"carillon:need", ""},
                                           {"carillon:served", ""},
                                           {"carillon:hangUp", ""},
                                           {"carillon:lookUp", "lookUp", true},
                                           {"carillon:verifyPassword", "password", true},
                                           {"carillon:sendCode", "code", true},
                                           {"carillon:verifyIdentity", "identity", true},
                                           {"carillon:balance", "balance", true},
                                           {"carillon:queueState", "queue", true},
                                           {"carillon:enqueue", "enqueue", true},
                                           {"carillon:callback", "callback", true},
                                           {"carillon:calendar", "calendar", true},
                                           {"carillon:query", "query", true},
                                           {"carillon:notices", "notices", true},
                                           {"carillon:workOrder", "order", true},
                                           {"carillon:orderState", "orderState", true}}};

const NodeType* NodeOf(std::string_view type) {
  const auto* const found =
      std::find_if(kNodes.begin(), kNodes.end(), [&](const NodeType& node) { return node.type == type; });
  return found == kNodes.end() ? nullptr : found;
}

/// The first part of the names of a send's events.
std::string EventOf(const Effect& effect) {
  return effect.event.empty() ? std::string(DefaultEvent(effect.type)) : effect.event;
}

// A message is at least so long; shorter is a caller who said nothing.
constexpr std::chrono::seconds kShortestMessage{1};
// What a caller may say, unless the flow says how long.
constexpr int kMessageSeconds = 120;
// What one call may send.
constexpr int kMaxMessages = 5;
// A question to a table of this service, unless the flow says how long.
constexpr int kQueryPatienceMs = 800;

/// A text in the language asked for, or in the next best.
v1::Prompt In(const std::map<std::string, std::string>& texts, const std::string& language) {
  v1::Prompt prompt;
  for (const std::string& wanted : {language, language.substr(0, language.find('-')), std::string("zh-CN"),
                                    std::string("zh"), std::string("en")}) {
    const auto found = texts.find(wanted);
    if (found == texts.end()) continue;
    prompt.set_text(found->second);
    prompt.set_language(wanted);
    break;
  }
  return prompt;
}

/// The rows of a decision, as a service number would have its menus.
google::protobuf::RepeatedPtrField<v1::MenuVariant> RowsOf(const google::protobuf::Value* rows) {
  google::protobuf::RepeatedPtrField<v1::MenuVariant> out;
  if (rows == nullptr) return out;
  for (const auto& each : rows->list_value().values()) {
    const auto& fields = each.struct_value().fields();
    const auto text = [&](const char* name) {
      const auto found = fields.find(name);
      return found == fields.end() ? std::string() : found->second.string_value();
    };
    auto& row = *out.Add();
    row.set_menu(text("then"));
    auto& selector = *row.mutable_selector();
    selector.set_grade(text("grade"));
    selector.set_region(text("region"));
    selector.set_brand(text("brand"));
    selector.set_language(text("language"));
    if (text("start").empty()) continue;
    selector.mutable_time_band()->set_start(text("start"));
    selector.mutable_time_band()->set_end(text("end"));
    if (const auto days = fields.find("weekdays"); days != fields.end()) {
      for (const auto& day : days->second.list_value().values()) {
        selector.mutable_time_band()->add_weekdays(static_cast<int>(day.number_value()));
      }
    }
  }
  return out;
}

/// Whether a calendar is open now: by the table's row for the day ("open": "true" or "false", or "start" and
/// "end"), else by its weekly hours.
bool IsOpen(const Ask& ask, const RowFound& row, const calendar::LocalTime& local) {
  const auto value = [&](const char* name) {
    const auto found = row.values.find(name);
    return found == row.values.end() ? std::string() : found->second;
  };
  if (!row.found) return *ask.open;
  if (value("start").empty()) return value("open") == "true";
  v1::TimeBand band;
  band.set_start(value("start"));
  band.set_end(value("end"));
  return BandHolds(band, local);
}

std::string JsonObject(const std::map<std::string, std::string>& values) {
  std::string out;
  for (const auto& [key, value] : values)
    out += (out.empty() ? "" : ",") + JsonQuoted(key) + ":" + JsonQuoted(value);
  return "{" + out + "}";
}

/// The parameters of a node.
class Params {
 public:
  explicit Params(const std::string& json) {
    google::protobuf::Value value;
    if (ReadJson(json, value)) fields_.Swap(value.mutable_struct_value());
  }
  const google::protobuf::Value* Find(const std::string& name) const {
    const auto found = fields_.fields().find(name);
    return found == fields_.fields().end() ? nullptr : &found->second;
  }
  std::string Text(const std::string& name, std::string fallback = "") const {
    const auto* value = Find(name);
    if (value == nullptr) return fallback;
    if (value->kind_case() == google::protobuf::Value::kStringValue) return value->string_value();
    if (value->kind_case() == google::protobuf::Value::kNumberValue) {
      return std::to_string(static_cast<std::int64_t>(value->number_value()));
    }
    return fallback;
  }
  int Number(const std::string& name, int fallback) const {
    const auto* value = Find(name);
    if (value == nullptr) return fallback;
    if (value->kind_case() == google::protobuf::Value::kNumberValue)
      return static_cast<int>(value->number_value());
    return fallback;
  }
  bool Flag(const std::string& name) const {
    const auto* value = Find(name);
    return value != nullptr && (value->bool_value() || value->string_value() == "true");
  }
  std::map<std::string, std::string> Map(const std::string& name) const {
    std::map<std::string, std::string> out;
    const auto* value = Find(name);
    if (value == nullptr) return out;
    for (const auto& [key, entry] : value->struct_value().fields()) {
      if (entry.kind_case() == google::protobuf::Value::kStringValue) out[key] = entry.string_value();
      if (entry.kind_case() == google::protobuf::Value::kBoolValue)
        out[key] = entry.bool_value() ? "true" : "false";
      if (entry.kind_case() == google::protobuf::Value::kNumberValue) {
        out[key] = std::to_string(static_cast<std::int64_t>(entry.number_value()));
      }
    }
    return out;
  }

  /// A text, a text by language, {prompt, text} of the library, or a list of these. The parameter `prompt`
  /// names an entry of the library, and `text` is what is said without it.
  std::vector<v1::Prompt> Prompts(const std::string& language) const {
    std::vector<v1::Prompt> prompts;
    if (const auto* value = Find("text")) Add(*value, language, prompts);
    if (const std::string code = Text("prompt"); !code.empty()) return {Named(code, language, prompts)};
    return prompts;
  }

 private:
  static v1::Prompt Named(const std::string& code, const std::string& language,
                          const std::vector<v1::Prompt>& words) {
    v1::Prompt prompt;
    prompt.set_code(code);
    prompt.set_language(words.empty() ? language : words[0].language());
    for (const v1::Prompt& each : words) prompt.mutable_text()->append(each.text());
    return prompt;
  }
  static void Add(const google::protobuf::Value& value, const std::string& language,
                  std::vector<v1::Prompt>& prompts) {
    if (value.kind_case() == google::protobuf::Value::kListValue) {
      for (const auto& each : value.list_value().values()) Add(each, language, prompts);
      return;
    }
    const auto& fields = value.struct_value().fields();
    if (const auto code = fields.find("prompt"); code != fields.end()) {
      std::vector<v1::Prompt> words;
      if (const auto text = fields.find("text"); text != fields.end()) Add(text->second, language, words);
      prompts.push_back(Named(code->second.string_value(), language, words));
      return;
    }
    v1::Prompt prompt;
    prompt.set_language(language);
    if (value.kind_case() == google::protobuf::Value::kStringValue) {
      prompt.set_text(value.string_value());
    } else if (value.kind_case() == google::protobuf::Value::kStructValue) {
      std::map<std::string, std::string> texts;
      for (const auto& [key, text] : fields) texts[key] = text.string_value();
      prompt = In(texts, language);
    }
    if (!prompt.text().empty()) prompts.push_back(std::move(prompt));
  }

  google::protobuf::Struct fields_;
};

std::string LocalClock(const calendar::LocalTime& local) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(local.time_of_day).count();
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%02d:%02d", static_cast<int>(minutes / 60),
                static_cast<int>(minutes % 60));
  return text.data();
}

std::string_view ResultWord(CallerFound::Result result) {
  switch (result) {
    case CallerFound::Result::kOne:
      return "ONE";
    case CallerFound::Result::kMany:
      return "MANY";
    case CallerFound::Result::kNone:
      break;
  }
  return "NONE";
}

std::string_view Bool(bool value) { return value ? "true" : "false"; }

void AddPrompts(const std::vector<v1::Prompt>& from, google::protobuf::RepeatedPtrField<v1::Prompt>* to) {
  for (const v1::Prompt& prompt : from) *to->Add() = prompt;
}

/// How a session is over whose caller was served or not.
v1::Session::Result Outcome(const v1::Session& session, v1::Session::Result unserved) {
  if (session.served().empty()) return unserved;
  return *session.served().rbegin() == "voicemail" ? v1::Session::VOICEMAIL : v1::Session::SELF_SERVED;
}

bool IsNumber(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  return text.size() >= 5 && text.size() <= 20 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

v1::Prompt Apology(const std::string& language) {
  v1::Prompt prompt;
  const bool english = language.starts_with("en");
  prompt.set_language(english ? "en" : "zh-CN");
  prompt.set_text(english ? "We are sorry, the system is busy. We are putting you through to an agent."
                          : "非常抱歉，系统繁忙，正在为您转接人工服务。");
  return prompt;
}

}  // namespace

bool IsNode(std::string_view type) { return NodeOf(type) != nullptr; }

bool IsRemoteNode(std::string_view type) {
  const NodeType* const node = NodeOf(type);
  return node != nullptr && node->remote;
}

std::string_view DefaultEvent(std::string_view type) {
  const NodeType* const node = NodeOf(type);
  return node == nullptr ? std::string_view() : node->event;
}

std::string MaskedInput(std::string_view digits, bool secret) {
  if (secret) return "******";
  if (digits.size() <= 4) return std::string(digits);
  if (digits.size() < 8) return std::string(digits.substr(0, 1)) + "****";
  return std::string(digits.substr(0, 3)) + "****" + std::string(digits.substr(digits.size() - 4));
}

google::protobuf::RepeatedPtrField<v1::Prompt>* PromptsOf(v1::SessionStep& step) {
  switch (step.instruction_case()) {
    case v1::SessionStep::kPlay:
      return step.mutable_play()->mutable_prompts();
    case v1::SessionStep::kCollect:
      return step.mutable_collect()->mutable_prompts();
    case v1::SessionStep::kQueued:
      return step.mutable_queued()->mutable_texts();
    case v1::SessionStep::kHangUp:
      return step.mutable_hang_up()->mutable_texts();
    case v1::SessionStep::INSTRUCTION_NOT_SET:
      break;
  }
  return nullptr;
}

namespace {

bool Returns(const Actions& actions) {
  return std::any_of(actions.begin(), actions.end(), [](const Action& action) {
    return (action.kind == Action::Kind::kSend && action.Get("type") == "carillon:returnToAgent") ||
           std::any_of(action.branches.begin(), action.branches.end(),
                       [](const Branch& branch) { return Returns(branch.actions); });
  });
}

}  // namespace

bool ReturnsToAgent(const Document& document) {
  return std::any_of(document.states.begin(), document.states.end(), [](const State& state) {
    return std::any_of(state.on_entry.begin(), state.on_entry.end(), Returns) ||
           std::any_of(state.transitions.begin(), state.transitions.end(),
                       [](const Transition& transition) { return Returns(transition.actions); });
  });
}

Arrival ArrivalOf(const Course& course, std::int64_t sequence) {
  const auto version = course.session.version();
  if (course.session.state() == v1::Session::COMPLETED) {
    return sequence <= version ? Arrival::kRepeated : Arrival::kStale;
  }
  if (sequence == version) return Arrival::kCurrent;
  return sequence == version - 1 ? Arrival::kRepeated : Arrival::kStale;
}

void HangUp(Course& course, TimePoint now) {
  if (course.session.state() == v1::Session::COMPLETED) return;
  course.session.set_state(v1::Session::COMPLETED);
  course.session.set_result(Outcome(course.session, v1::Session::ABANDONED));
  *course.session.mutable_end_time() = ToProto(now);
  auto& step = *course.session.add_path();
  step.set_node(course.journey.waiting().node());
  *step.mutable_time() = ToProto(now);
  step.set_outcome("hung up");
  course.journey.clear_machine();
  course.journey.clear_waiting();
}

Turn::Turn(std::shared_ptr<const Document> document, const v1::ServiceNumber& number, calendar::TimeZone zone,
           Course& course, TimePoint now, ScriptLimits limits, Carriers carriers)
    : document_(std::move(document)),
      number_(number),
      zone_(std::move(zone)),
      course_(course),
      now_(now),
      carriers_(carriers) {
  around_.limits = limits;
  around_.accepts = IsNode;
}

void Turn::Begin() {
  auto& session = course_.session;
  session.set_state(v1::Session::ACTIVE);
  if (session.language().empty()) {
    session.set_language(number_.language().empty() ? "zh-CN" : number_.language());
  }
  if (session.identity_level() == v1::Session::IDENTITY_LEVEL_UNSPECIFIED)
    session.set_identity_level(v1::Session::ANONYMOUS);
  const auto local = zone_.ToLocal(now_);
  const std::string call = "{\"calling_number\":" + JsonQuoted(session.calling_number()) +
                           ",\"called_number\":" + JsonQuoted(session.called_number()) +
                           ",\"display_name\":" + JsonQuoted(number_.display_name()) +
                           ",\"brand\":" + JsonQuoted(number_.brand()) +
                           ",\"language\":" + JsonQuoted(session.language()) +
                           ",\"local_date\":" + JsonQuoted(calendar::FormatDate(local.date)) +
                           ",\"local_time\":" + JsonQuoted(LocalClock(local)) +
                           ",\"weekday\":" + std::to_string(local.Weekday().iso_encoding()) + "}";
  Take(Start(document_, around_, session.name(), {{"call", call}}, now_));
}

void Turn::Input(const v1::SendInputRequest& input) {
  const v1::Waiting waiting = course_.journey.waiting();
  if (const auto due = NextDue(course_.journey.machine()); due && *due <= now_) {
    Take(Advance(document_, around_, course_.journey.machine(), now_));
    // A guard of the flow may have moved the caller on; then the keys came too late.
    if (last_words_ || fallen_ || !prompts_.empty() || !asks_.empty()) {
      Note(waiting.node(), "", "too late");
      return;
    }
  }
  course_.journey.clear_waiting();
  if (waiting.kind() == v1::Waiting::RECORDED) return Recorded(waiting, input);
  if (waiting.kind() == v1::Waiting::TRANSFERRED) return Transferred(waiting, input);
  if (waiting.kind() != v1::Waiting::KEYS) {
    Tell(waiting.machine(), waiting.send_id(), waiting.event() + ".done", "");
    return;
  }
  if (input.input_case() != v1::SendInputRequest::kDigits) {
    Note(waiting.node(), "", "timeout");
    Tell(waiting.machine(), waiting.send_id(), waiting.event() + ".timeout", "");
    return;
  }
  const std::string& digits = input.digits();
  const auto length = static_cast<int>(digits.size());
  const bool valid =
      length >= waiting.min_digits() && length <= waiting.max_digits() &&
      (waiting.keys().empty() || digits.find_first_not_of(waiting.keys()) == std::string::npos);
  Note(waiting.node(), MaskedInput(digits, waiting.secret()), valid ? "keys" : "invalid");
  if (!valid) {
    Tell(waiting.machine(), waiting.send_id(), waiting.event() + ".invalid", "");
    return;
  }
  if (!waiting.question().empty()) {
    auto& answer = *course_.session.add_answers();
    answer.set_question(waiting.question());
    answer.set_score(digits[0] - '0');
    *answer.mutable_time() = ToProto(now_);
    Tell(waiting.machine(), waiting.send_id(), waiting.event() + ".done",
         "{\"question\":" + JsonQuoted(waiting.question()) + ",\"score\":" + digits + "}");
    return;
  }
  if (waiting.max_digits() == 1) course_.session.add_menu_path(waiting.node() + "/" + digits);
  if (waiting.secret()) secret_ = digits;
  const std::string shown = waiting.secret() ? std::string(kSecretMark) : digits;
  Tell(waiting.machine(), waiting.send_id(), waiting.event() + ".keys",
       "{\"digits\":" + JsonQuoted(shown) + "}");
}

namespace {

/// What the flow waited for, as the send that asked for it.
Effect Asked(const v1::Waiting& waiting) {
  Effect effect;
  effect.session = waiting.machine();
  effect.send_id = waiting.send_id();
  effect.event = waiting.event();
  effect.data = JsonObject({{"node", waiting.node()}});
  return effect;
}

}  // namespace

void Turn::Recorded(const v1::Waiting& waiting, const v1::SendInputRequest& input) {
  const auto length = FromProto(input.recorded().length());
  if (input.input_case() != v1::SendInputRequest::kRecorded || length < kShortestMessage) {
    Note(waiting.node(), "", "empty");
    Tell(waiting.machine(), waiting.send_id(), waiting.event() + ".empty", "");
    return;
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(length).count();
  Note(waiting.node(), "", "recorded " + std::to_string(seconds) + " s");
  Ask ask = MakeAsk(Ask::Kind::kOrder, Asked(waiting));
  ask.order_type = waiting.order_type();
  ask.title = waiting.order_title();
  ask.media = input.recorded().media();
  ask.description = std::to_string(seconds) + " s: " + ask.media;
  ask.phone_number = course_.session.calling_number();
  ask.customer = course_.session.customer();
  asks_.push_back(ask);
}

void Turn::Transferred(const v1::Waiting& waiting, const v1::SendInputRequest& input) {
  const auto outcome = input.transferred();
  const bool connected =
      input.input_case() == v1::SendInputRequest::kTransferred && outcome == v1::TRANSFER_CONNECTED;
  const std::string_view word = connected                           ? "CONNECTED"
                                : outcome == v1::TRANSFER_BUSY      ? "BUSY"
                                : outcome == v1::TRANSFER_NO_ANSWER ? "NO_ANSWER"
                                                                    : "FAILED";
  Note(waiting.node(), "", word);
  if (!connected) {
    Tell(waiting.machine(), waiting.send_id(), waiting.event() + ".failed",
         "{\"reason\":" + JsonQuoted(word) + "}");
    return;
  }
  last_words_ = course_.journey.step();  // the same again: there is nothing more to do
  End(v1::Session::TRANSFERRED);
}

std::optional<Ask> Turn::Next() {
  const auto& journey = course_.journey;
  if (asks_.empty() && !last_words_ && journey.machine().running() &&
      journey.waiting().kind() == v1::Waiting::KIND_UNSPECIFIED) {
    FallBack("FLOW_STUCK");  // the flow waits for nothing that could come
  }
  if (last_words_ || asks_.empty()) return std::nullopt;
  Ask ask = asks_.front();
  asks_.pop_front();
  return ask;
}

void Turn::Tell(const std::string& machine, const std::string& send_id, const std::string& event,
                std::string data) {
  if (fallen_ || last_words_) return;
  if (++events_ > kMaxEventsInTurn) {
    FallBack("FLOW_LOOPS");
    return;
  }
  v1::Happening happening;
  happening.set_name(event);
  happening.set_kind(v1::Happening::EXTERNAL);
  happening.set_send_id(send_id);
  happening.set_data(std::move(data));
  Take(Deliver(document_, around_, course_.journey.machine(), machine, happening, now_));
}

void Turn::Take(const Result<Stepped>& stepped) {
  if (!stepped) {
    log_.push_back(stepped.error().reason + ": " + stepped.error().message);
    FallBack(stepped.error().reason);
    return;
  }
  *course_.journey.mutable_machine() = stepped->machine;
  log_.insert(log_.end(), stepped->log.begin(), stepped->log.end());
  for (const Effect& effect : stepped->effects) {
    if (fallen_ || last_words_) return;
    Do(effect);
  }
}

void Turn::Do(const Effect& effect) {
  const Params params(effect.data);
  auto& session = course_.session;
  auto& journey = course_.journey;
  const auto spoken = params.Prompts(session.language());
  const std::string node = params.Text("node");
  const auto wait = [&](v1::Waiting::Kind kind) -> v1::Waiting& { return Wait(kind, effect, node); };
  // A caller who has an agent goes nowhere else.
  static constexpr std::array<std::string_view, 4> kAway{"carillon:enqueue", "carillon:callback",
                                                         "carillon:transfer", "carillon:voicemail"};
  if (session.has_assistance() && std::find(kAway.begin(), kAway.end(), effect.type) != kAway.end())
    return Refuse(MakeAsk(Ask::Kind::kEnqueue, effect), "ASSISTED");
  if (effect.type == "carillon:play" || effect.type == "carillon:speak") {
    Say(spoken);
    if (!node.empty()) Note(node, "", "played");
    if (journey.waiting().kind() <= v1::Waiting::PLAYED) wait(v1::Waiting::PLAYED);
  } else if (effect.type == "carillon:returnToAgent") {
    if (!session.has_assistance()) return Refuse(MakeAsk(Ask::Kind::kEnqueue, effect), "NOT_ASSISTED");
    Say(spoken);
    for (const auto& [key, value] : params.Map("result")) {
      if (value.find(kSecretMark) == std::string::npos)
        (*session.mutable_assistance()->mutable_result())[key] = value;
    }
    Note(node.empty() ? "return" : node, "", "returned");
    Return(params.Flag("done"));
  } else if (effect.type == "carillon:voicemail") {
    if (!carriers_.record) return Refuse(MakeAsk(Ask::Kind::kOrder, effect), "NO_CARRIER");
    Say(spoken);
    auto& waiting = wait(v1::Waiting::RECORDED);
    waiting.set_order_type(params.Text("type", "OTHER"));
    waiting.set_order_title(params.Text("title", "语音留言"));
    auto& collect = *journey.mutable_step()->mutable_collect();
    collect.Clear();
    const auto seconds = [&](const char* name, int fallback, int most) {
      return ToProto(Duration{std::chrono::seconds{std::clamp(params.Number(name, fallback), 1, most)}});
    };
    *collect.mutable_record()->mutable_max_length() = seconds("max_length_s", kMessageSeconds, 300);
    *collect.mutable_record()->mutable_max_silence() = seconds("max_silence_s", kFirstTimeoutSeconds, 30);
    collect.set_node(waiting.node());
  } else if (effect.type == "carillon:transfer") {
    Transfer(effect);
  } else if (effect.type == "carillon:sms" || effect.type == "carillon:fax") {
    Send(effect);
  } else if (effect.type == "carillon:survey") {
    Say(spoken);
    auto& waiting = wait(v1::Waiting::KEYS);
    waiting.set_question(params.Text("question", "satisfaction"));
    if (node.empty()) waiting.set_node("survey/" + waiting.question());
    waiting.set_keys(std::string("123456789")
                         .substr(0, static_cast<std::size_t>(std::clamp(params.Number("choices", 5), 2, 9))));
    waiting.set_max_digits(1);
    waiting.set_min_digits(1);
    auto& collect = *journey.mutable_step()->mutable_collect();
    collect.Clear();
    collect.set_max_digits(1);
    const Duration patience{std::chrono::seconds{kFirstTimeoutSeconds * (journey.elderly() ? 2 : 1)}};
    *collect.mutable_first_timeout() = ToProto(patience);
    *collect.mutable_inter_digit_timeout() = ToProto(patience);
    collect.set_node(waiting.node());
  } else if (effect.type == "carillon:decide") {
    const Listener listener{params.Text("grade", session.grade()), params.Text("region", journey.region()),
                            params.Text("brand", number_.brand()), session.language()};
    const auto choice = ChooseMenu(RowsOf(params.Find("rows")), listener, zone_.ToLocal(now_));
    Note(node.empty() ? "decide" : node, choice.menu(), choice.reason());
    Tell(effect.session, effect.send_id, EventOf(effect) + ".done",
         "{\"then\":" + JsonQuoted(choice.menu()) + ",\"reason\":" + JsonQuoted(choice.reason()) + "}");
  } else if (effect.type == "carillon:calendar") {
    const auto local = zone_.ToLocal(now_);
    const auto hours = RowsOf(params.Find("hours"));
    Ask ask = MakeAsk(Ask::Kind::kQuery, effect);
    ask.table = params.Text("table", "holidays");
    ask.key = calendar::FormatDate(local.date);
    ask.patience = std::chrono::milliseconds{kQueryPatienceMs};
    ask.open = std::any_of(hours.begin(), hours.end(), [&](const v1::MenuVariant& row) {
      return BandHolds(row.selector().time_band(), local);
    });
    ask.shown = ask.table + " " + ask.key;
    asks_.push_back(ask);
  } else if (effect.type == "carillon:query") {
    Ask ask = MakeAsk(Ask::Kind::kQuery, effect);
    ask.table = params.Text("table");
    ask.key = params.Text("key");
    ask.patience =
        std::chrono::milliseconds{std::clamp(params.Number("timeout_ms", kQueryPatienceMs), 50, 5000)};
    ask.shown = ask.table + " " + MaskedInput(ask.key, false);
    asks_.push_back(ask);
  } else if (effect.type == "carillon:notices") {
    Ask ask = MakeAsk(Ask::Kind::kNotices, effect);
    ask.region = params.Text("region", journey.region());
    ask.shown = ask.region;
    asks_.push_back(ask);
  } else if (effect.type == "carillon:workOrder") {
    Ask ask = MakeAsk(Ask::Kind::kOrder, effect);
    ask.order_type = params.Text("type", "OTHER");
    ask.title = params.Text("title");
    ask.description = params.Text("description");
    ask.phone_number = params.Text("phone_number", session.calling_number());
    ask.customer = params.Text("customer", session.customer());
    ask.shown = ask.order_type;
    asks_.push_back(ask);
  } else if (effect.type == "carillon:orderState") {
    Ask ask = MakeAsk(Ask::Kind::kOrderState, effect);
    ask.order_number = params.Text("number");
    ask.shown = MaskedInput(ask.order_number, false);
    asks_.push_back(ask);
  } else if (effect.type == "carillon:collect") {
    Say(spoken);
    auto& waiting = wait(v1::Waiting::KEYS);
    waiting.set_keys(params.Text("keys"));
    waiting.set_max_digits(std::clamp(params.Number("max_digits", 1), 1, 32));
    waiting.set_min_digits(std::clamp(params.Number("min_digits", 1), 1, waiting.max_digits()));
    waiting.set_secret(params.Flag("secret"));
    auto& collect = *journey.mutable_step()->mutable_collect();
    collect.Clear();
    collect.set_max_digits(waiting.max_digits());
    collect.set_terminator(params.Text("terminator"));
    const int factor = journey.elderly() ? 2 : 1;
    const auto seconds = [&](const char* name, int fallback) {
      return ToProto(
          Duration{std::chrono::seconds{std::clamp(params.Number(name, fallback), 1, 60) * factor}});
    };
    *collect.mutable_first_timeout() = seconds("first_timeout_s", kFirstTimeoutSeconds);
    *collect.mutable_inter_digit_timeout() = seconds("inter_digit_timeout_s", kInterDigitSeconds);
    collect.set_secret(waiting.secret());
    collect.set_node(node);
  } else if (effect.type == "carillon:chooseMenu") {
    const Listener listener{params.Text("grade", session.grade()), params.Text("region", journey.region()),
                            params.Text("brand", number_.brand()), session.language()};
    const auto choice = ChooseMenu(number_.menus(), listener, zone_.ToLocal(now_));
    const std::string& menu = choice.menu();
    journey.mutable_attached()->insert({"menu", menu});
    Note("menu", menu, choice.reason());
    Tell(effect.session, effect.send_id, EventOf(effect) + ".done", "{\"menu\":" + JsonQuoted(menu) + "}");
  } else if (effect.type == "carillon:language") {
    session.set_language(params.Text("language", session.language()));
    Note(node.empty() ? "language" : node, session.language(), "spoken");
  } else if (effect.type == "carillon:need") {
    journey.set_need(params.Text("reason"));
    Note(node.empty() ? "need" : node, journey.need(), "kept");
  } else if (effect.type == "carillon:served") {
    session.add_served(params.Text("service"));
    Note(node.empty() ? "served" : node, params.Text("service"), "served");
  } else if (effect.type == "carillon:hangUp") {
    Say(spoken);
    v1::SessionStep step;
    AddPrompts(prompts_, step.mutable_hang_up()->mutable_texts());
    last_words_ = step;
    const std::string result = params.Text("result");
    End(result == "ERROR" ? v1::Session::ERROR
        : result == "INVALID"
            ? v1::Session::INVALID
            : Outcome(session, result.empty() ? v1::Session::INVALID : v1::Session::SELF_SERVED));
  } else if (effect.type == "carillon:lookUp") {
    Ask ask = MakeAsk(Ask::Kind::kLookUp, effect);
    ask.phone_number = params.Text("phone_number", session.calling_number());
    ask.shown = MaskedInput(ask.phone_number, false);
    asks_.push_back(ask);
  } else if (effect.type == "carillon:verifyPassword") {
    Ask ask = MakeAsk(Ask::Kind::kVerifyPassword, effect);
    ask.customer = params.Text("customer", session.customer());
    ask.digits = params.Text("digits") == kSecretMark ? secret_ : params.Text("digits");
    ask.shown = MaskedInput("", true);
    if (ask.customer.empty()) return Refuse(ask, "CUSTOMER_UNKNOWN");
    asks_.push_back(ask);
  } else if (effect.type == "carillon:verifyIdentity") {
    VerifyIdentity(effect);
  } else if (effect.type == "carillon:sendCode") {
    SendCode(effect);
  } else if (effect.type == "carillon:balance") {
    Ask ask = MakeAsk(Ask::Kind::kBalance, effect);
    ask.customer = params.Text("customer", session.customer());
    ask.account = params.Text("account");
    ask.shown = MaskedInput(ask.account, false);
    if (!Identified(ask.customer)) return Refuse(ask, "IDENTITY_NEEDED");
    asks_.push_back(ask);
  } else {
    const Ask::Kind kind = effect.type == "carillon:enqueue"    ? Ask::Kind::kEnqueue
                           : effect.type == "carillon:callback" ? Ask::Kind::kCallback
                                                                : Ask::Kind::kQueueState;
    Say(spoken);
    Ask ask = MakeAsk(kind, effect);
    ask.queue_name = params.Text("queue");
    ask.queue = QueueFor(ask.queue_name);
    ask.shown = ask.queue_name;
    ask.reason = params.Text("reason", journey.need());
    ask.skill = params.Text("skill");
    ask.priority = std::clamp(params.Number("priority", 0), 0, 9);
    ask.phone_number = params.Text("phone_number", session.calling_number());
    if (!ask.reason.empty()) journey.set_need(ask.reason);
    for (const auto& [key, value] : params.Map("data")) (*journey.mutable_attached())[key] = value;
    ask.attached = {journey.attached().begin(), journey.attached().end()};
    asks_.push_back(ask);
  }
}

void Turn::Say(const std::vector<v1::Prompt>& prompts) {
  prompts_.insert(prompts_.end(), prompts.begin(), prompts.end());
}

v1::Waiting& Turn::Wait(v1::Waiting::Kind kind, const Effect& effect, const std::string& node) {
  auto& waiting = *course_.journey.mutable_waiting();
  waiting.Clear();
  waiting.set_kind(kind);
  waiting.set_machine(effect.session);
  waiting.set_send_id(effect.send_id);
  waiting.set_event(EventOf(effect));
  waiting.set_node(node);
  if (kind == v1::Waiting::KEYS && ++(*course_.journey.mutable_visits())[node] > kMaxVisits)
    FallBack("FLOW_LOOPS");
  return waiting;
}

/// To a place outside that the service number knows; a flow, or what a caller keys, is no number to dial.
void Turn::Transfer(const Effect& effect) {
  const Params params(effect.data);
  const Ask ask = MakeAsk(Ask::Kind::kEnqueue, effect);
  const auto place = number_.transfers().find(params.Text("to"));
  if (!carriers_.transfer) return Refuse(ask, "NO_CARRIER");
  if (place == number_.transfers().end()) return Refuse(ask, "PLACE_UNKNOWN");
  Say(params.Prompts(course_.session.language()));
  Wait(v1::Waiting::TRANSFERRED, effect, ask.node);
  auto& transfer = *course_.journey.mutable_step()->mutable_play()->mutable_transfer();
  transfer.set_number(place->second);
  *transfer.mutable_ring_timeout() =
      ToProto(Duration{std::chrono::seconds{std::clamp(params.Number("ring_timeout_s", 30), 5, 120)}});
  Note(ask.node, params.Text("to"), "transferring");
}

/// A short message or a fax, to the caller unless the flow says to whom.
void Turn::Send(const Effect& effect) {
  const Params params(effect.data);
  Ask ask = MakeAsk(Ask::Kind::kMessage, effect);
  ask.fax = effect.type == "carillon:fax";
  ask.phone_number = params.Text("number", course_.session.calling_number());
  ask.shown = MaskedInput(ask.phone_number, false);
  ask.language = course_.session.language();
  for (const v1::Prompt& prompt : params.Prompts(ask.language)) ask.text += prompt.text();
  if (!(ask.fax ? carriers_.fax : carriers_.sms)) return Refuse(ask, "NO_CARRIER");
  if (!IsNumber(ask.phone_number)) return Refuse(ask, "NUMBER_MALFORMED");
  if (ask.text.empty()) return Refuse(ask, "TEXT_MISSING");
  if (++(*course_.journey.mutable_visits())["carillon:message"] > kMaxMessages)
    return Refuse(ask, "TOO_MANY");
  asks_.push_back(ask);
}

/// A one-time code to the mobile phone that the customer's record has, never to a number of the flow's.
void Turn::SendCode(const Effect& effect) {
  const Params params(effect.data);
  Ask ask = MakeAsk(Ask::Kind::kSendCode, effect);
  ask.customer = params.Text("customer", course_.session.customer());
  ask.language = course_.session.language();
  for (const v1::Prompt& prompt : params.Prompts(ask.language)) ask.text += prompt.text();
  if (ask.text.empty()) {
    ask.text = ask.language.starts_with("en")
                   ? "Your code is {code}. It is good for 5 minutes; tell it to nobody."
                   : "您的验证码是{code}，5分钟内有效，请勿告诉任何人。";
  }
  if (!carriers_.sms) return Refuse(ask, "NO_CARRIER");
  if (ask.customer.empty()) return Refuse(ask, "CUSTOMER_UNKNOWN");
  if (ask.text.find(kCodeMark) == std::string::npos) return Refuse(ask, "TEXT_MISSING");
  if (++(*course_.journey.mutable_visits())["carillon:message"] > kMaxMessages)
    return Refuse(ask, "TOO_MANY");
  asks_.push_back(ask);
}

void Turn::VerifyIdentity(const Effect& effect) {
  const Params params(effect.data);
  const auto& code = course_.journey.code();
  Ask ask = MakeAsk(Ask::Kind::kVerifyIdentity, effect);
  const std::string method = params.Text("method");
  const bool sent = method == "SMS_OTP";
  if (!sent && method != "ID_LAST6") return Refuse(ask, "METHOD_UNKNOWN");
  ask.shown = method + " " + MaskedInput("", true);
  ask.customer = params.Text("customer", course_.session.customer());
  if (ask.customer.empty()) return Refuse(ask, "CUSTOMER_UNKNOWN");
  // What is keyed in the clear is in the flow's variables already.
  if (params.Text("digits") != kSecretMark) return Refuse(ask, "SECRET_NEEDED");
  if (sent && (code.customer() != ask.customer || FromProto(code.expire_time()) <= now_))
    return Refuse(ask, "CODE_MISSING");
  ask.digits = secret_;
  if (sent) ask.hash = code.hash();
  asks_.push_back(ask);
}

void Turn::Return(bool done) {
  auto& assistance = *course_.session.mutable_assistance();
  assistance.set_done(done);
  v1::SessionStep step;
  AddPrompts(prompts_, step.mutable_play()->mutable_prompts());
  *step.mutable_play()->mutable_returned() = assistance;
  last_words_ = step;
  End(v1::Session::RETURNED);
}

Ask Turn::MakeAsk(Ask::Kind kind, const Effect& effect) {
  Ask ask;
  ask.kind = kind;
  course_.journey.set_asked(course_.journey.asked() + 1);
  ask.id = DerivedId(course_.session.name(), "ask/" + std::to_string(course_.journey.asked()));
  ask.machine = effect.session;
  ask.send_id = effect.send_id;
  ask.event = EventOf(effect);
  ask.node = Params(effect.data).Text("node");
  if (ask.node.empty()) ask.node = ask.event;
  return ask;
}

/// A value is told to its owner only, whatever a flow says.
bool Turn::Identified(const std::string& customer) const {
  const auto& known = course_.journey.identified();
  return std::find(known.begin(), known.end(), customer) != known.end();
}

void Turn::Refuse(const Ask& ask, std::string_view reason) {
  Note(ask.node, ask.shown, reason);
  Tell(ask.machine, ask.send_id, ask.event + ".failed", "{\"reason\":" + JsonQuoted(reason) + "}");
}

std::string Turn::QueueFor(const std::string& name) const {
  const auto found = number_.queues().find(name);
  return found == number_.queues().end() ? number_.default_queue() : found->second;
}

void Turn::Answered(const Ask& ask, const Result<Answer>& answer) {
  if (!answer) {
    const Error& error = answer.error();
    Note(ask.node, ask.shown, error.reason.empty() ? "failed" : error.reason);
    if (ask.fallback) {
      v1::SessionStep step;
      AddPrompts(prompts_, step.mutable_hang_up()->mutable_texts());
      last_words_ = step;
      End(v1::Session::ERROR);
      return;
    }
    Tell(ask.machine, ask.send_id, ask.event + ".failed",
         "{\"reason\":" + JsonQuoted(error.reason) +
             ",\"transient\":" + std::string(Bool(IsTransient(error))) + "}");
    return;
  }
  // As with balances: a person's row is for that person.
  if (const auto* row = std::get_if<RowFound>(&*answer);
      row != nullptr && !row->customer.empty() && !Identified(row->customer))
    return Refuse(ask, "IDENTITY_NEEDED");
  const std::string data = AnswerJson(ask, *answer);
  if (ask.kind == Ask::Kind::kEnqueue) {
    const auto& handed = std::get<HandedOver>(*answer);
    v1::SessionStep step;
    auto& queued = *step.mutable_queued();
    queued.set_interaction(handed.interaction);
    queued.set_queue(handed.queue);
    AddPrompts(prompts_, queued.mutable_texts());
    course_.session.set_interaction(handed.interaction);
    // The flow learns of it (it may have something to log), but it cannot take the caller back.
    if (!fallen_) {
      const auto kept = prompts_;
      Tell(ask.machine, ask.send_id, ask.event + ".done", data);
      prompts_ = kept;
    }
    last_words_ = step;
    End(v1::Session::TO_AGENT);
    return;
  }
  if (ask.kind == Ask::Kind::kCallback) course_.session.add_served("callback");
  Tell(ask.machine, ask.send_id, ask.event + ".done", data);
}

std::string Turn::AnswerJson(const Ask& ask, const Answer& answer) {
  auto& session = course_.session;
  auto& journey = course_.journey;
  if (const auto* caller = std::get_if<CallerFound>(&answer)) {
    const bool one = caller->result == CallerFound::Result::kOne;
    const bool own_call = ask.phone_number == session.calling_number();
    Note(ask.node, ask.shown, one ? "found" : caller->result == CallerFound::Result::kMany ? "many" : "none");
    if (one && own_call) {
      session.set_customer(caller->customer);
      session.set_grade(caller->grade);
      journey.set_elderly(caller->elderly);
      journey.set_last_agent(caller->last_agent);
      journey.set_region(caller->region);
      if (caller->own_line) {
        session.set_identity_level(v1::Session::OWN_LINE);
        journey.add_identified(caller->customer);
      }
    }
    return "{\"result\":" + JsonQuoted(ResultWord(caller->result)) +
           ",\"customer\":" + JsonQuoted(caller->customer) + ",\"grade\":" + JsonQuoted(caller->grade) +
           ",\"vip\":" + std::string(Bool(caller->vip)) +
           ",\"elderly\":" + std::string(Bool(caller->elderly)) +
           ",\"own_line\":" + std::string(Bool(caller->own_line)) +
           ",\"has_password\":" + std::string(Bool(caller->has_password)) +
           ",\"language\":" + JsonQuoted(caller->language) + ",\"region\":" + JsonQuoted(caller->region) +
           ",\"salutation\":" + JsonQuoted(caller->salutation) + "}";
  }
  if (const auto* checked = std::get_if<PasswordChecked>(&answer)) {
    Note(ask.node, ask.shown, checked->verified ? "verified" : "wrong");
    if (checked->verified) {
      const auto level = ask.kind == Ask::Kind::kVerifyPassword ? v1::Session::SERVICE_PASSWORD
                         : ask.hash.empty()                     ? v1::Session::ID_LAST6
                                                                : v1::Session::SMS_OTP;
      journey.add_identified(ask.customer);
      session.set_identity_level(level);
      (*journey.mutable_attached())["identified_by"] = v1::Session::IdentityLevel_Name(level);
      if (level == v1::Session::SMS_OTP) journey.clear_code();
    }
    return "{\"verified\":" + std::string(Bool(checked->verified)) +
           ",\"remaining\":" + std::to_string(checked->remaining) + "}";
  }
  if (const auto* sent = std::get_if<CodeSent>(&answer)) {
    Note(ask.node, MaskedInput(sent->number, false), "sent");
    auto& code = *journey.mutable_code();
    code.set_customer(ask.customer);
    code.set_hash(sent->hash);
    *code.mutable_expire_time() = ToProto(now_ + kCodeGood);
    const auto tail = sent->number.size() - std::min<std::size_t>(4, sent->number.size());
    return "{\"ending\":" + JsonQuoted(sent->number.substr(tail)) + "}";
  }
  if (const auto* balance = std::get_if<BalanceFound>(&answer)) {
    Note(ask.node, ask.shown, balance->found ? "found" : "none");
    return "{\"found\":" + std::string(Bool(balance->found)) +
           ",\"minor_units\":" + std::to_string(balance->minor_units) +
           ",\"arrears_minor\":" + std::to_string(balance->arrears_minor) +
           ",\"points\":" + std::to_string(balance->points) +
           ",\"currency\":" + JsonQuoted(balance->currency) + "}";
  }
  if (const auto* seen = std::get_if<QueueSeen>(&answer)) {
    Note(ask.node, ask.shown,
         std::to_string(seen->waiting) + " waiting, " + std::to_string(seen->agents_ready) + " ready, " +
             std::to_string(seen->estimated_wait_s) + " s");
    return "{\"waiting\":" + std::to_string(seen->waiting) +
           ",\"agents_ready\":" + std::to_string(seen->agents_ready) +
           ",\"estimated_wait_s\":" + std::to_string(seen->estimated_wait_s) + "}";
  }
  if (const auto* row = std::get_if<RowFound>(&answer); row != nullptr && ask.open) {
    const bool open = IsOpen(ask, *row, zone_.ToLocal(now_));
    const auto name = row->values.find("name");
    const std::string day = name == row->values.end() ? "" : name->second;
    Note(ask.node, ask.shown, std::string(open ? "open" : "closed") + (day.empty() ? "" : ", " + day));
    return "{\"open\":" + std::string(Bool(open)) + ",\"name\":" + JsonQuoted(day) + "}";
  }
  if (const auto* row = std::get_if<RowFound>(&answer)) {
    Note(ask.node, ask.shown, row->found ? "found" : "none");
    return "{\"found\":" + std::string(Bool(row->found)) + ",\"values\":" + JsonObject(row->values) + "}";
  }
  if (const auto* notices = std::get_if<NoticesFound>(&answer)) {
    for (const auto& texts : notices->texts) {
      if (auto prompt = In(texts, session.language()); !prompt.text().empty())
        prompts_.push_back(std::move(prompt));
    }
    Note(ask.node, ask.shown, std::to_string(notices->texts.size()) + " played");
    return "{\"count\":" + std::to_string(notices->texts.size()) + "}";
  }
  if (const auto* order = std::get_if<OrderFound>(&answer)) {
    Note(ask.node, ask.shown, order->found ? order->number : "none");
    if (order->found && !ask.media.empty()) session.add_served("voicemail");
    if (order->found && ask.kind == Ask::Kind::kOrder) {
      (*journey.mutable_attached())["work_order"] = order->name;
    }
    return "{\"found\":" + std::string(Bool(order->found)) + ",\"number\":" + JsonQuoted(order->number) +
           ",\"state\":" + JsonQuoted(order->state) + ",\"title\":" + JsonQuoted(order->title) + "}";
  }
  if (const auto* message = std::get_if<MessageKept>(&answer)) {
    Note(ask.node, ask.shown, "on its way");
    return "{\"message\":" + JsonQuoted(message->name) + "}";
  }
  const auto& handed = std::get<HandedOver>(answer);
  Note(ask.node, ask.shown, ask.kind == Ask::Kind::kCallback ? "promised" : "handed over");
  return "{\"interaction\":" + JsonQuoted(handed.interaction) +
         ",\"position\":" + std::to_string(handed.position) +
         ",\"estimated_wait_s\":" + std::to_string(handed.estimated_wait_s) + "}";
}

void Turn::FallBack(std::string_view why) {
  if (fallen_ || last_words_) return;
  fallen_ = true;
  Note("flow", "", why);
  asks_.clear();
  prompts_ = {Apology(course_.session.language())};
  if (course_.session.has_assistance()) return Return(false);
  Effect effect;
  effect.event = "fallback";
  Ask ask = MakeAsk(Ask::Kind::kEnqueue, effect);
  ask.fallback = true;
  ask.queue = number_.default_queue();
  ask.reason = course_.journey.need();
  ask.attached = {course_.journey.attached().begin(), course_.journey.attached().end()};
  asks_.push_back(ask);
}

void Turn::Note(std::string_view node, std::string_view input, std::string_view outcome) {
  if (course_.kept_steps + course_.session.path_size() >= kMaxPath) return;
  auto& step = *course_.session.add_path();
  step.set_node(std::string(node));
  *step.mutable_time() = ToProto(now_);
  step.set_input(std::string(input));
  step.set_outcome(std::string(outcome));
}

void Turn::End(v1::Session::Result result) {
  course_.session.set_state(v1::Session::COMPLETED);
  course_.session.set_result(result);
  *course_.session.mutable_end_time() = ToProto(now_);
}

void Turn::Finish() {
  auto& session = course_.session;
  auto& journey = course_.journey;
  CARILLON_CHECK(last_words_ || asks_.empty());
  v1::SessionStep step;
  if (!last_words_ && !journey.machine().running()) {
    // The flow came to its end without a word about the call: it is over, unless an agent has it.
    if (session.has_assistance()) Return(false);
  }
  if (!last_words_ && !journey.machine().running()) {
    AddPrompts(prompts_, step.mutable_hang_up()->mutable_texts());
    last_words_ = step;
    End(Outcome(session, v1::Session::INVALID));
  }
  if (last_words_) {
    step = *last_words_;
    journey.clear_machine();
    journey.clear_waiting();
  } else if (journey.waiting().kind() == v1::Waiting::KEYS ||
             journey.waiting().kind() == v1::Waiting::RECORDED) {
    *step.mutable_collect() = journey.step().collect();
    step.mutable_collect()->clear_prompts();
    AddPrompts(prompts_, step.mutable_collect()->mutable_prompts());
  } else {
    if (journey.waiting().kind() == v1::Waiting::TRANSFERRED)
      *step.mutable_play()->mutable_transfer() = journey.step().play().transfer();
    AddPrompts(prompts_, step.mutable_play()->mutable_prompts());
  }
  session.set_version(session.version() + 1);
  step.set_session(session.name());
  step.set_version(session.version());
  *journey.mutable_step() = step;
}

namespace {

bool Current(const v1::Notice& notice, const Ask& ask, TimePoint now) {
  return ask.region.starts_with(notice.region()) && FromProto(notice.start_time()) <= now &&
         now < FromProto(notice.end_time());
}

}  // namespace

Rehearsal::Rehearsal(std::shared_ptr<const Document> document, const v1::SimulateFlowRequest& request,
                     TimePoint now)
    : document_(std::move(document)), request_(request), now_(now) {
  *number_.mutable_menus() = request.menus();
  number_.set_language(request.language());
  number_.set_brand(request.brand());
  course_.session.set_name("sessions/" + DerivedId("simulation", request.document()));
  course_.session.set_calling_number(request.caller().calling_number());
  (*number_.mutable_transfers())["outside"] = "+862012345678";
  if (ReturnsToAgent(*document_)) {
    course_.session.mutable_assistance()->set_name("assistances/" + DerivedId("simulation", "agent"));
    course_.session.set_customer("customers/" + DerivedId("simulation", request.caller().calling_number()));
  }
  *course_.session.mutable_start_time() = ToProto(now);
  Take(nullptr);
}

Result<Answer> Rehearsal::AnswerTo(const Ask& ask) {
  const auto& caller = request_.caller();
  const auto down = [](const char* who) {
    return Unavailable("PEER_UNAVAILABLE", std::string(who) + " does not answer");
  };
  switch (ask.kind) {
    case Ask::Kind::kLookUp: {
      if (caller.back_end_down()) return down("customer");
      CallerFound found;
      if (caller.grade().empty()) return Answer(found);
      found.result = CallerFound::Result::kOne;
      found.customer = "customers/" + DerivedId("simulation", ask.phone_number);
      found.grade = caller.grade();
      found.vip = caller.grade() == "GOLD" || caller.grade() == "DIAMOND";
      found.elderly = caller.elderly();
      found.region = caller.region();
      found.own_line = ask.phone_number == caller.calling_number();
      found.has_password = !caller.service_password().empty();
      return Answer(found);
    }
    case Ask::Kind::kVerifyPassword:
      if (caller.back_end_down()) return down("customer");
      return Answer(PasswordChecked{!ask.digits.empty() && ask.digits == caller.service_password(), 2});
    case Ask::Kind::kSendCode:
      if (caller.back_end_down()) return down("customer");
      if (caller.sms_code().empty()) return NotFound("NUMBER_UNKNOWN", "no mobile phone is known");
      return Answer(CodeSent{"simulated", caller.calling_number()});
    case Ask::Kind::kVerifyIdentity: {
      if (caller.back_end_down()) return down("customer");
      const std::string& right = ask.hash.empty() ? caller.id_last6() : caller.sms_code();
      if (right.empty()) return FailedPrecondition("IDENTITY_UNSET", "no document is known");
      return Answer(PasswordChecked{ask.digits == right, 2});
    }
    case Ask::Kind::kBalance:
      if (caller.back_end_down()) return down("customer");
      return Answer(BalanceFound{true, caller.balance(), 0, 0, "CNY"});
    case Ask::Kind::kQueueState:
      return Answer(QueueSeen{0, 1, request_.estimated_wait_seconds()});
    case Ask::Kind::kEnqueue:
    case Ask::Kind::kCallback:
      queue_ = ask.queue_name;
      return Answer(HandedOver{"interactions/" + ask.id, ask.queue, 1, request_.estimated_wait_seconds()});
    case Ask::Kind::kQuery: {
      if (caller.back_end_down()) return down("the table");
      for (const auto& row : request_.rows()) {
        if (row.table() != ask.table || row.key() != ask.key) continue;
        return Answer(RowFound{true, row.customer(), {row.values().begin(), row.values().end()}});
      }
      return Answer(RowFound{});
    }
    case Ask::Kind::kNotices: {
      NoticesFound found;
      for (const auto& notice : request_.notices()) {
        if (Current(notice, ask, now_))
          found.texts.emplace_back(notice.texts().begin(), notice.texts().end());
      }
      return Answer(found);
    }
    case Ask::Kind::kOrder:
      if (caller.back_end_down()) return down("workorder");
      return Answer(OrderFound{true, "workOrders/" + ask.id, "SIMULATED", "DRAFT", ask.title});
    case Ask::Kind::kOrderState:
      if (caller.back_end_down()) return down("workorder");
      return Answer(OrderFound{});
    case Ask::Kind::kMessage:
      if (caller.back_end_down()) return down("the carrier");
      return Answer(MessageKept{"messages/" + ask.id});
  }
  return Internal("no such question");
}

void Rehearsal::Take(const v1::SendInputRequest* input) {
  Turn turn(document_, number_, *ZoneOf(number_), course_, now_);
  if (input == nullptr) {
    turn.Begin();
  } else {
    turn.Input(*input);
  }
  while (auto ask = turn.Next()) turn.Answered(*ask, AnswerTo(*ask));
  turn.Finish();
  for (const std::string& line : turn.log()) log_.push_back(line);
  steps_.push_back(course_.journey.step());
}

bool Rehearsal::Listen() {
  for (int guard = 0; guard < 200 && course_.session.state() == v1::Session::ACTIVE; ++guard) {
    if (!course_.journey.step().has_play() || waiting().kind() == v1::Waiting::TRANSFERRED) return true;
    now_ += std::chrono::seconds{2};
    v1::SendInputRequest played;
    played.set_played(true);
    Take(&played);
  }
  return false;
}

void Rehearsal::Press(const std::string& key) {
  now_ += std::chrono::seconds{2};
  if (key == "hangup") return HangUp(course_, now_);
  v1::SendInputRequest input;
  if (key == "timeout") {
    input.set_timed_out(true);
  } else if (key == "recorded") {
    input.mutable_recorded()->set_media("recordings/simulated");
    *input.mutable_recorded()->mutable_length() = ToProto(Duration{std::chrono::seconds{10}});
  } else if (key == "connected" || key == "busy" || key == "no_answer") {
    input.set_transferred(key == "connected" ? v1::TRANSFER_CONNECTED
                          : key == "busy"    ? v1::TRANSFER_BUSY
                                             : v1::TRANSFER_NO_ANSWER);
  } else {
    input.set_digits(key);
  }
  Take(&input);
}

v1::SimulateFlowResponse Simulate(const std::shared_ptr<const Document>& document,
                                  const v1::SimulateFlowRequest& request, TimePoint now) {
  Rehearsal rehearsal(document, request, now);
  for (const std::string& key : request.keys()) {
    if (!rehearsal.Listen()) break;
    rehearsal.Press(key);
  }
  rehearsal.Listen();
  v1::SimulateFlowResponse out;
  for (const auto& step : rehearsal.steps()) *out.add_steps() = step;
  *out.mutable_session() = rehearsal.session();
  out.set_queue(rehearsal.queue());
  return out;
}

}  // namespace carillon::ivr
