#include "ivr/store/sessions.hpp"

#include "base/ids.hpp"
#include "base/proto_time.hpp"
#include "carillon/ivr/v1/session_events.pb.h"
#include "ivr/domain/errors.hpp"
#include "ivr/store/statements.hpp"
#include "pg/message.hpp"

namespace carillon::ivr::store {
namespace {

/// What the session is of: its call, or the assistance in the middle of one.
std::string SubjectOf(const v1::Session& session) {
  return IdOf(session.has_assistance() ? session.assistance().name() : session.call());
}

pg::Param ResultName(const v1::Session& session) {
  return session.result() == v1::Session::RESULT_UNSPECIFIED
             ? pg::Param(std::nullopt)
             : pg::Param(v1::Session::Result_Name(session.result()));
}

template <class Texts>
pg::Param TextArray(const Texts& texts) {
  return pg::Array(std::vector<std::string>(texts.begin(), texts.end()));
}

/// "question=key@microseconds".
pg::Param Answers(const v1::Session& session) {
  std::vector<std::string> answers;
  for (const auto& answer : session.answers()) {
    answers.push_back(answer.question() + "=" + std::to_string(answer.score()) + "@" +
                      std::to_string(FromProto(answer.time()).time_since_epoch().count()));
  }
  return pg::Array(answers);
}

void ReadAnswers(const pqxx::field& field, v1::Session& session) {
  for (const std::string& text : pg::ArrayOf(field)) {
    const auto at = text.rfind('@');
    const auto equals = text.rfind('=', at);
    auto& answer = *session.add_answers();
    answer.set_question(text.substr(0, equals));
    answer.set_score(std::stoi(text.substr(equals + 1)));
    *answer.mutable_time() = ToProto(TimePoint{std::chrono::microseconds{std::stoll(text.substr(at + 1))}});
  }
}

std::string JourneyOf(const Course& course) {
  v1::Journey journey = course.journey;
  journey.clear_step();  // has a column of its own
  journey.set_kept_steps(course.kept_steps + course.session.path_size());
  return journey.SerializeAsString();
}

pg::Param JourneyBytes(const Course& course) {
  if (course.session.state() == v1::Session::COMPLETED) return std::nullopt;
  return pg::Bytes(JourneyOf(course));
}

/// Steps of paths as columns.
struct Steps {
  std::vector<std::string> sessions, times, nodes, inputs, outcomes;
  std::vector<int> positions;

  /// Those from `first` on, after so many that are there.
  void Add(const v1::Session& session, int first, int there) {
    for (int i = first; i < session.path_size(); ++i) {
      const auto& step = session.path(i);
      sessions.push_back(IdOf(session.name()));
      positions.push_back(there + i - first + 1);
      times.push_back(FormatRfc3339(FromProto(step.time())));
      nodes.push_back(step.node());
      inputs.push_back(step.input());
      outcomes.push_back(step.outcome());
    }
  }
};

/// Keeps the steps from `first` on, after so many that are there.
void AddPath(pg::Tx& tx, const v1::Session& session, int first, int there) {
  Steps steps;
  steps.Add(session, first, there);
  if (steps.times.empty()) return;
  tx.ExecAtCommit(sql::kAddPath, IdOf(session.name()), there, pg::MaybeId(session.client()),
                  pg::Array(steps.times), pg::Array(steps.nodes), pg::Array(steps.inputs),
                  pg::Array(steps.outcomes));
}

template <class Event>
void AnnounceAs(pg::Tx& tx, const v1::Session& session) {
  Event event;
  *event.mutable_session() = session;
  pg::Announce(tx, kSessionsTopic, IdOf(session.name()), event, FromProto(session.end_time()));
}

void AnnounceEnd(pg::Tx& tx, const v1::Session& session) {
  if (session.state() != v1::Session::COMPLETED) return;
  if (session.has_assistance()) return AnnounceAs<v1::AssistanceCompleted>(tx, session);
  AnnounceAs<v1::SessionCompleted>(tx, session);
}

pg::Param AssistanceOf(const v1::Session& session) {
  return session.has_assistance() ? pg::Param(pg::JsonOf(session.assistance())) : pg::Param(std::nullopt);
}

template <class Enum>
Enum EnumIn(const pqxx::field& field, bool (*parse)(google::protobuf::ConstStringParam, Enum*)) {
  Enum value{};
  if (!field.is_null()) parse(field.c_str(), &value);
  return value;
}

Stored StoredOf(const pqxx::row& row) {
  Stored out;
  auto& session = out.course.session;
  session.set_name(pg::NameOf("sessions", row["session_id"]));
  const bool assisted = !row["assistance"].is_null();
  session.set_call(pg::NameOf("calls", row[assisted ? "assisted_call_id" : "call_id"]));
  if (assisted) pg::ReadJson(row["assistance"], *session.mutable_assistance());
  session.set_calling_number(row["calling_number"].c_str());
  session.set_called_number(row["called_number"].c_str());
  carillon::type::v1::Channel channel{};
  carillon::type::v1::Channel_Parse(row["channel"].c_str(), &channel);
  session.set_channel(channel);
  session.set_client(pg::NameOf("clients", row["client_id"]));
  session.set_flow(pg::NameOf("flows", row["flow_id"]));
  session.set_flow_version(row["flow_version"].as<int>());
  session.set_customer(pg::NameOf("customers", row["customer_id"]));
  session.set_language(row["language"].c_str());
  session.set_grade(row["grade"].c_str());
  session.set_identity_level(EnumIn(row["identity_level"], v1::Session::IdentityLevel_Parse));
  for (const auto& entry : pg::ArrayOf(row["menu_path"])) session.add_menu_path(entry);
  for (const auto& entry : pg::ArrayOf(row["served"])) session.add_served(entry);
  ReadAnswers(row["answers"], session);
  session.set_state(EnumIn(row["state"], v1::Session::State_Parse));
  session.set_result(EnumIn(row["result"], v1::Session::Result_Parse));
  session.set_interaction(pg::NameOf("interactions", row["interaction_id"]));
  session.set_version(row["version"].as<std::int64_t>());
  *session.mutable_start_time() = ToProto(pg::TimeOf(row["started_us"]));
  if (const auto at = pg::MaybeTimeOf(row["ended_us"])) *session.mutable_end_time() = ToProto(*at);
  out.number = pg::NameOf("serviceNumbers", row["number_id"]);
  if (!row["journey"].is_null()) pg::ReadBytes(row["journey"], out.course.journey);
  pg::ReadBytes(row["step"], *out.course.journey.mutable_step());
  return out;
}

/// What a turn needs besides.
Stored LockedOf(const pqxx::row& row) {
  Stored out = StoredOf(row);
  out.number_etag = row["number_revision"].is_null() ? "" : row["number_revision"].c_str();
  out.course.kept_steps =
      out.course.journey.has_kept_steps() ? out.course.journey.kept_steps() : row["kept_steps"].as<int>(0);
  return out;
}

Result<Stored> Only(const pqxx::result& rows, const std::string& asked, Stored (*read)(const pqxx::row&)) {
  if (rows.empty()) return errors::SessionUnknown(asked);
  return read(rows[0]);
}

}  // namespace

Result<Opening> OpeningOf(pg::Tx& tx, const std::string& number, const std::string& call) {
  const auto rows = tx.Exec(sql::kOpening, number, IdOf(call));
  if (rows.empty()) return errors::NumberUnknown(number);
  const auto& row = rows[0];
  Opening out;
  out.begun = row["begun"].as<bool>();
  out.flow.set_name(pg::NameOf("flows", row["flow_id"]));
  out.flow.set_code(row["code"].c_str());
  if (row["published_version"].is_null()) return errors::FlowNotPublished(out.flow.name());
  out.flow.set_published_version(row["published_version"].as<int>());
  if (const auto at = pg::MaybeTimeOf(row["rollout_us"])) {
    out.flow.mutable_rollout()->set_version(row["rollout_version"].as<int>());
    out.flow.mutable_rollout()->set_percent(row["rollout_percent"].as<int>());
    *out.flow.mutable_rollout()->mutable_start_time() = ToProto(*at);
  }
  out.number = pg::NameOf("serviceNumbers", row["number_id"]);
  out.number_etag = row["number_revision"].c_str();
  return out;
}

void LoadPath(pg::Tx& tx, Course& course) {
  v1::Session whole;
  for (const auto& row : tx.Exec(sql::kPath, IdOf(course.session.name()))) {
    auto& step = *whole.add_path();
    step.set_node(row["node"].c_str());
    *step.mutable_time() = ToProto(pg::TimeOf(row["happened_us"]));
    step.set_input(row["input"].c_str());
    step.set_outcome(row["outcome"].c_str());
  }
  // Counted here: a lock that was waited for shows the row as it is, and what is beside it as it was.
  course.kept_steps = whole.path_size();
  whole.mutable_path()->MergeFrom(course.session.path());
  course.session.mutable_path()->Swap(whole.mutable_path());
}

void InsertSession(pg::Tx& tx, const Course& course, const std::string& number) {
  const auto& session = course.session;
  tx.ExecAtCommit(sql::kInsertSession, IdOf(session.name()), SubjectOf(session),
                  pg::MaybeId(session.client()), IdOf(number), session.called_number(),
                  pg::OrNull(session.calling_number()), carillon::type::v1::Channel_Name(session.channel()),
                  IdOf(session.flow()), session.flow_version(), pg::Time(FromProto(session.start_time())),
                  pg::MaybeId(session.customer()), session.language(), session.grade(),
                  v1::Session::IdentityLevel_Name(session.identity_level()), TextArray(session.menu_path()),
                  TextArray(session.served()), v1::Session::State_Name(session.state()), ResultName(session),
                  pg::MaybeId(session.interaction()), session.version(),
                  pg::MaybeTime(session.has_end_time(), session.end_time()),
                  pg::Bytes(course.journey.step().SerializeAsString()), JourneyBytes(course),
                  Answers(session), AssistanceOf(session),
                  session.has_assistance() ? pg::MaybeId(session.call()) : pg::Param(std::nullopt));
  AddPath(tx, session, 0, 0);
  if (!session.has_assistance()) {
    v1::SessionStarted event;
    *event.mutable_session() = session;
    event.mutable_session()->set_state(v1::Session::ACTIVE);
    event.mutable_session()->clear_path();
    event.mutable_session()->clear_result();
    event.mutable_session()->clear_end_time();
    event.mutable_session()->clear_interaction();
    pg::Announce(tx, kSessionsTopic, IdOf(session.name()), event, FromProto(session.start_time()));
  }
  AnnounceEnd(tx, session);
}

void SaveSession(pg::Tx& tx, Course& course, std::int64_t from_version) {
  auto& session = course.session;
  tx.ExecAtCommit(sql::kUpdateSession, IdOf(session.name()), from_version, pg::MaybeId(session.customer()),
                  session.language(), session.grade(),
                  v1::Session::IdentityLevel_Name(session.identity_level()), TextArray(session.menu_path()),
                  TextArray(session.served()), v1::Session::State_Name(session.state()), ResultName(session),
                  pg::MaybeId(session.interaction()), session.version(),
                  pg::MaybeTime(session.has_end_time(), session.end_time()),
                  pg::Bytes(course.journey.step().SerializeAsString()), JourneyBytes(course),
                  Answers(session), AssistanceOf(session));
  if (session.state() != v1::Session::COMPLETED) return AddPath(tx, session, 0, course.kept_steps);
  LoadPath(tx, course);
  AddPath(tx, session, course.kept_steps, course.kept_steps);
  AnnounceEnd(tx, session);
}

std::map<std::string, Stored> SessionsOf(pg::Tx& tx, const std::vector<std::string>& names) {
  std::vector<std::string> ids;
  for (const auto& name : names) ids.push_back(IdOf(name));
  std::map<std::string, Stored> found;
  for (const auto& row : tx.Exec(sql::kSessionsByIds, pg::Array(ids))) {
    auto stored = LockedOf(row);
    const std::string name = stored.course.session.name();
    found.emplace(name, std::move(stored));
  }
  return found;
}

int CountPath(pg::Tx& tx, const std::string& session) {
  return tx.Exec(sql::kCountPath, IdOf(session))[0][0].as<int>();
}

std::set<std::string> SaveTurns(pg::Tx& tx, const std::vector<Kept>& turns) {
  using Texts = std::vector<std::string>;
  using MaybeTexts = std::vector<std::optional<std::string>>;
  Texts ids, languages, grades, levels, menu_paths, served, steps, journeys, answers;
  std::vector<std::int64_t> from, versions;
  MaybeTexts customers, assistances;
  Steps path;
  for (const auto& [course, from_version] : turns) {
    const auto& session = course->session;
    ids.push_back(IdOf(session.name()));
    from.push_back(from_version);
    customers.push_back(pg::MaybeId(session.customer()).text());
    languages.push_back(session.language());
    grades.push_back(session.grade());
    levels.push_back(v1::Session::IdentityLevel_Name(session.identity_level()));
    menu_paths.push_back(*TextArray(session.menu_path()).text());
    served.push_back(*TextArray(session.served()).text());
    versions.push_back(session.version());
    steps.push_back(Hex(course->journey.step().SerializeAsString()));
    journeys.push_back(Hex(JourneyOf(*course)));
    answers.push_back(*Answers(session).text());
    assistances.push_back(AssistanceOf(session).text());
    path.Add(session, 0, course->kept_steps);
  }
  std::set<std::string> saved;
  for (const auto& row : tx.Exec(
           sql::kSaveTurns, pg::Array(ids), pg::Array(from), pg::Array(customers), pg::Array(languages),
           pg::Array(grades), pg::Array(levels), pg::Array(menu_paths), pg::Array(served),
           pg::Array(versions), pg::Array(steps), pg::Array(journeys), pg::Array(answers),
           pg::Array(assistances), pg::Array(path.sessions), pg::Array(path.positions), pg::Array(path.times),
           pg::Array(path.nodes), pg::Array(path.inputs), pg::Array(path.outcomes)))
    saved.insert(pg::NameOf("sessions", row[0]));
  return saved;
}

Result<Stored> LoadSession(pg::Tx& tx, const std::string& name) {
  TRY(auto stored, Only(tx.Exec(sql::kSessionById, IdOf(name)), name, StoredOf));
  LoadPath(tx, stored.course);
  return stored;
}

Result<Stored> LockSession(pg::Tx& tx, const std::string& name) {
  return Only(tx.Exec(sql::kLockSession, IdOf(name)), name, LockedOf);
}

Result<Stored> LockSessionOfCall(pg::Tx& tx, const std::string& call) {
  return Only(tx.Exec(sql::kLockSessionByCall, IdOf(call)), call, LockedOf);
}

Result<Stored> SessionOfCall(pg::Tx& tx, const std::string& call) {
  return Only(tx.Exec(sql::kSessionByCall, IdOf(call)), call, StoredOf);
}

std::vector<Stored> LockAssistedOfCall(pg::Tx& tx, const std::string& call) {
  std::vector<Stored> found;
  for (const auto& row : tx.Exec(sql::kLockAssistedOfCall, IdOf(call))) found.push_back(LockedOf(row));
  return found;
}

Result<Listed> ListSessions(pg::Tx& tx, const v1::ListSessionsRequest& in, const std::string& after,
                            int limit) {
  const auto [after_time, after_id] = pg::After(after);
  const auto result = in.result() == v1::Session::RESULT_UNSPECIFIED
                          ? pg::Param(std::nullopt)
                          : pg::Param(v1::Session::Result_Name(in.result()));
  const auto rows = tx.Exec(sql::kListSessions, pg::MaybeId(in.call()), result,
                            pg::MaybeTime(in.has_start_time(), in.start_time()),
                            pg::MaybeTime(in.has_end_time(), in.end_time()), after_time, after_id, limit + 1);
  Listed out;
  for (const auto& row : rows) {
    if (static_cast<int>(out.sessions.size()) == limit) {
      const auto last = rows[row.rownumber() - 1];
      out.next = pg::KeyOf(last["started_us"], last["session_id"]);
      break;
    }
    out.sessions.push_back(StoredOf(row).course.session);
  }
  return out;
}

void ForgetNumbers(pg::Tx& tx, TimePoint before) { tx.Exec(sql::kForgetNumbers, pg::Time(before)); }

void ForgetPaths(pg::Tx& tx, TimePoint now, int months) { tx.Exec(sql::kForgetPaths, pg::Time(now), months); }

std::vector<std::pair<std::string, std::string>> LeftBehind(pg::Tx& tx, TimePoint before) {
  std::vector<std::pair<std::string, std::string>> found;
  for (const auto& row : tx.Exec(sql::kLeftBehind, pg::Time(before))) {
    found.emplace_back(row["tenant_id"].c_str(), pg::NameOf("calls", row["call_id"]));
  }
  return found;
}

std::int64_t CountActive(pg::Tx& tx) { return tx.Exec(sql::kCountActive)[0][0].as<std::int64_t>(); }

}  // namespace carillon::ivr::store
