#include "ivr/api/turns.hpp"

#include "base/proto_time.hpp"
#include "ivr/clients/answers.hpp"
#include "ivr/domain/announcements.hpp"
#include "ivr/store/announcements.hpp"
#include "ivr/store/flows.hpp"
#include "ivr/store/messages.hpp"
#include "ivr/store/sayings.hpp"
#include "obs/log.hpp"

namespace carillon::ivr::api {

namespace {

std::string DocumentKey(const Call& call, const std::string& flow, int version) {
  return call.principal.tenant + " " + flow + " " + std::to_string(version);
}

std::string NumberKey(const Call& call, const std::string& name) {
  return call.principal.tenant + " " + name;
}

}  // namespace

Result<std::shared_ptr<const Document>> DocumentOf(pg::Tx& tx, Deps& deps, const std::string& flow,
                                                   int version) {
  const std::string key = DocumentKey(tx.call(), flow, version);
  if (auto kept = deps.shelf.Find(key)) return kept;
  TRY(const v1::Flow stored, store::LoadFlow(tx, flow, version));
  TRY(auto document, ReadDocument(stored.document()));
  deps.shelf.Put(key, document);
  return document;
}

Result<std::shared_ptr<const v1::ServiceNumber>> NumberOf(pg::Tx& tx, Deps& deps, const std::string& name,
                                                          const std::string& etag) {
  const std::string key = NumberKey(tx.call(), name);
  if (auto kept = deps.numbers.Find(key); kept && kept->etag() == etag) return kept;
  TRY(auto loaded, store::LoadNumber(tx, name));
  auto number = std::make_shared<const v1::ServiceNumber>(std::move(loaded));
  deps.numbers.Put(key, number);
  return number;
}

Result<Playing> PlayingOf(const Call& call, Deps& deps, const store::Stored& stored) {
  const auto& session = stored.course.session;
  Playing found{deps.numbers.Find(NumberKey(call, stored.number)),
                deps.shelf.Find(DocumentKey(call, session.flow(), session.flow_version()))};
  if (found.document && found.number && found.number->etag() == stored.number_etag) return found;
  TRY_VOID(deps.db.Read(call, [&](pg::Tx& tx) -> Result<void> {
    TRY(found.number, NumberOf(tx, deps, stored.number, stored.number_etag));
    TRY(found.document, DocumentOf(tx, deps, session.flow(), session.flow_version()));
    return Ok();
  }));
  return found;
}

namespace {

/// What is in this service's own tables. A slow one is as good as none: the flow goes its error branch.
Result<Answer> OwnAnswer(const Call& call, Deps& deps, const Ask& ask, const v1::ServiceNumber& number) {
  Call brief = call;
  const auto patience = ask.patience.count() > 0 ? ask.patience : std::chrono::milliseconds{800};
  brief.deadline =
      std::min(call.deadline, std::chrono::steady_clock::now() + clients::TimeFor(call, patience));
  return deps.db.Read(brief, [&](pg::Tx& tx) -> Result<Answer> {
    if (ask.kind == Ask::Kind::kQuery) {
      const auto row = store::FindRow(tx, ask.table, ask.key);
      return Answer(
          RowFound{!row.table().empty(), row.customer(), {row.values().begin(), row.values().end()}});
    }
    NoticesFound found;
    for (const auto& notice : store::NoticesFor(tx, number.name(), ask.region, call.now)) {
      found.texts.emplace_back(notice.texts().begin(), notice.texts().end());
    }
    return Answer(found);
  });
}

/// Kept with the task that sends it before the turn is: a turn taken again asks under the same id, so that
/// nothing is sent twice.
Result<Answer> KeepMessage(const Call& call, Deps& deps, const Ask& ask, const Course& course) {
  v1::Message message;
  message.set_name("messages/" + ask.id);
  message.set_session(course.session.name());
  message.set_channel(ask.fax ? v1::Message::FAX : v1::Message::SMS);
  message.set_number(ask.phone_number);
  message.set_text(ask.text);
  message.set_language(ask.language);
  message.set_state(v1::Message::REQUESTED);
  *message.mutable_create_time() = ToProto(call.now);
  return deps.db.Write(WithoutReplay(call), [&](pg::Tx& tx) -> Result<Answer> {
    store::RequestMessage(tx, message);
    return Answer(MessageKept{message.name()});
  });
}

Result<Answer> AnswerTo(const Call& call, Deps& deps, const Ask& ask, const Course& course,
                        const v1::ServiceNumber& number) {
  switch (ask.kind) {
    case Ask::Kind::kQuery:
    case Ask::Kind::kNotices:
      return OwnAnswer(call, deps, ask, number);
    case Ask::Kind::kMessage:
      return KeepMessage(call, deps, ask, course);
    default:
      return clients::AnswerTo(call, deps, ask, course);
  }
}

}  // namespace

std::vector<std::string> CodesOf(Course& course) {
  std::vector<std::string> codes;
  if (const auto* const prompts = PromptsOf(*course.journey.mutable_step()); prompts != nullptr) {
    for (const auto& prompt : *prompts) {
      if (!prompt.code().empty()) codes.push_back(prompt.code());
    }
  }
  return codes;
}

Result<void> TakeFromLibrary(pg::Tx& tx, Course& course, const v1::ServiceNumber& number) {
  auto& step = *course.journey.mutable_step();
  const auto codes = CodesOf(course);
  if (codes.empty()) return Ok();
  const auto library = store::AnnouncementsOf(tx, codes, tx.now());
  for (const auto& code : Resolve(step, library, course.session.language(), number.voice(), tx.now())) {
    obs::Warn("a prompt is not in the library", {{"session", course.session.name()}, {"code", code}});
  }
  return Ok();
}

Result<void> AskOthers(Call& call, Deps& deps, Turn& turn, Course& course, const v1::ServiceNumber& number) {
  for (auto ask = turn.Next(); ask; ask = turn.Next()) {
    const auto answer = AnswerTo(call, deps, *ask, course, number);
    if (!answer) {
      obs::Warn("a question of a flow was not answered", {{"session", course.session.name()},
                                                          {"node", ask->node},
                                                          {"reason", answer.error().reason},
                                                          {"why", answer.error().message}});
    }
    const bool unanswered = !answer && (answer.error().code == Code::kUnavailable ||
                                        answer.error().code == Code::kDeadlineExceeded);
    if (unanswered && ask->kind == Ask::Kind::kEnqueue) {
      return Unavailable("ROUTING_UNAVAILABLE", "no queue can be reached now, the caller has to wait");
    }
    turn.Answered(*ask, answer);
  }
  return Ok();
}

void Finish(Turn& turn, const Course& course) {
  turn.Finish();
  for (const std::string& line : turn.log()) {
    obs::Debug("flow log", {{"session", course.session.name()}, {"line", line}});
  }
}

Turn OpenTurn(const Call& call, const Deps& deps, const std::shared_ptr<const Document>& document,
              const v1::ServiceNumber& number, const calendar::TimeZone& zone, Course& course) {
  const ScriptLimits limits{static_cast<std::size_t>(deps.settings.script_heap_kib) * 1024,
                            std::chrono::milliseconds{deps.settings.script_cpu_ms}};
  return Turn(document, number, zone, course, call.now, limits, deps.settings.carriers());
}

}  // namespace carillon::ivr::api
