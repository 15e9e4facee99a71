#include "ivr/api/turns.hpp"

#include "ivr/clients/answers.hpp"
#include "ivr/store/flows.hpp"
#include "ivr/store/sayings.hpp"
#include "obs/log.hpp"

namespace carillon::ivr::api {

Result<std::shared_ptr<const Document>> DocumentOf(pg::Tx& tx, Deps& deps, const std::string& flow,
                                                   int version) {
  const std::string key = tx.call().principal.tenant + " " + flow + " " + std::to_string(version);
  if (auto kept = deps.shelf.Find(key)) return kept;
  TRY(const v1::Flow stored, store::LoadFlow(tx, flow, version));
  TRY(auto document, ReadDocument(stored.document()));
  deps.shelf.Put(key, document);
  return document;
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

bool IsOwn(const Ask& ask) { return ask.kind == Ask::Kind::kQuery || ask.kind == Ask::Kind::kNotices; }

}  // namespace

Result<void> Complete(Call& call, Deps& deps, Turn& turn, const Course& course,
                      const v1::ServiceNumber& number) {
  while (const auto ask = turn.Next()) {
    const auto answer =
        IsOwn(*ask) ? OwnAnswer(call, deps, *ask, number) : clients::AnswerTo(call, deps, *ask, course);
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
  turn.Finish();
  for (const std::string& line : turn.log()) {
    obs::Debug("flow log", {{"session", course.session.name()}, {"line", line}});
  }
  return Ok();
}

Turn OpenTurn(const Call& call, const Deps& deps, const std::shared_ptr<const Document>& document,
              const v1::ServiceNumber& number, const calendar::TimeZone& zone, Course& course) {
  const ScriptLimits limits{static_cast<std::size_t>(deps.settings.script_heap_kib) * 1024,
                            std::chrono::milliseconds{deps.settings.script_cpu_ms}};
  return Turn(document, number, zone, course, call.now, limits);
}

}  // namespace carillon::ivr::api
