#include <algorithm>

#include "routing/domain/state.hpp"

/// Why now: the rules of a decision asked one by one, without deciding.
namespace carillon::routing::domain {
namespace {

constexpr std::size_t kMostVerdicts = 200;

/// Could the agent have it but for being ready?
bool Open(const pb::Verdict& verdict) {
  return verdict.bar() == pb::Verdict::MAY || verdict.bar() >= pb::Verdict::NOT_READY;
}

template <class Verdicts>
void Keep(Verdicts& list, std::size_t most) {
  if (static_cast<std::size_t>(list.size()) > most)
    list.DeleteSubrange(static_cast<int>(most), list.size() - static_cast<int>(most));
}

}  // namespace

/// The queues whose agents may take the work, its own first, and what it asks of them there.
std::vector<Engine::Side> Engine::SidesOf(const Work& work) const {
  std::vector<Side> out{{work.room, NeedOf(&work, RulesOf(work))}};
  if (work.held_by == nullptr)
    for (const auto& id : work.record.added_queues())
      if (const Room* room = s_->RoomOf(id); room != nullptr)
        out.push_back({room, NeedOf(&work, room->rules)});
  return out;
}

/// The rule that keeps them apart, in the queue through which the agent comes nearest.
pb::Verdict Engine::VerdictOf(const Session& session, const Work& work,
                              const std::vector<Side>& sides) const {
  pb::Verdict out;
  out.set_interaction(work.view().name());
  out.set_agent(session.view().agent());
  const auto barred = [&](pb::Verdict::Bar bar) {
    out.set_bar(bar);
    return out;
  };
  if (work.record.dormant()) {
    *out.mutable_until() = work.view().callback_time();
    return barred(pb::Verdict::NOT_DUE);
  }
  // Whom a person asked for needs no rule that lets them.
  const bool asked_for = work.record.directed() && work.held_by == &session;
  auto nearest = asked_for ? pb::Verdict::MAY : pb::Verdict::QUEUE_NOT_SERVED;
  if (asked_for) {
    const auto* entry = EntryOf(session, *work.room);
    out.set_profile_priority(entry == nullptr ? 1 : entry->priority);
  }
  for (const auto& [room, need] : sides) {
    if (asked_for) break;
    const auto* entry = EntryOf(session, *room);
    if (entry == nullptr) continue;
    const auto step = [&](pb::Verdict::Bar bar) {
      if (nearest == pb::Verdict::MAY || bar <= nearest) return false;
      nearest = bar;
      out.clear_skill();
      out.clear_until();
      return true;
    };
    if (const auto* missing = MissingSkill(*session.rules, need); missing != nullptr) {
      if (!step(pb::Verdict::SKILL_MISSING)) continue;
      out.set_skill(NameOf("skills", missing->first));
      out.set_level(LevelOf(*session.rules, missing->first));
      out.set_required(missing->second);
      continue;
    }
    if (!MeetsCriteria(*session.rules, need)) {
      step(pb::Verdict::CRITERIA);
      continue;
    }
    if (work.held_by != nullptr && work.held_by != &session) {
      if (step(pb::Verdict::KEPT_FOR_ANOTHER))
        *out.mutable_until() = ToProto(At(work.record.hold_deadline()));
      continue;
    }
    const Bar bar = BarTo(session, *room, work);
    if (bar == Bar::kRefused) {
      if (!step(pb::Verdict::REFUSED)) continue;
      for (const auto& refusal : work.record.refusals())
        if (refusal.agent() == session.agent) *out.mutable_until() = ToProto(At(refusal.until()));
      continue;
    }
    if (bar == Bar::kNotPaired) {
      step(pb::Verdict::DO_NOT_PAIR);
      continue;
    }
    if (bar == Bar::kDelayed) {
      if (step(pb::Verdict::DELAYED))
        *out.mutable_until() = ToProto(FromProto(work.view().queue_time()) + entry->delay);
      continue;
    }
    out.set_rank(RankOf(session, work, need));
    if (nearest == pb::Verdict::MAY)
      out.set_profile_priority(std::min(out.profile_priority(), entry->priority));
    else
      out.set_profile_priority(entry->priority);
    nearest = pb::Verdict::MAY;
    out.clear_skill();
    out.clear_level();
    out.clear_required();
    out.clear_until();
  }
  if (nearest != pb::Verdict::MAY) return barred(nearest);
  const auto& view = session.view();
  if (view.state() == pb::AgentSession::NOT_READY) {
    out.set_reason(view.reason());
    return barred(pb::Verdict::NOT_READY);
  }
  if (!session.works.empty() && (IsLeaving(view) || RingingAt(session) != nullptr ||
                                 (SpareOf(session) & Bit(work.view().channel())) == 0))
    return barred(pb::Verdict::BUSY);
  if (!view.desk_connected()) return barred(pb::Verdict::DESK_GONE);
  return barred(pb::Verdict::MAY);
}

pb::Verdict Engine::VerdictOn(std::string_view agent, std::string_view interaction) const {
  const Session* const session = s_->sessions.Find(agent);
  const auto work = s_->works.find(interaction);
  if (session == nullptr || work == s_->works.end()) return {};
  return VerdictOf(*session, *work->second, SidesOf(*work->second));
}

std::string_view Engine::BestWorkFor(std::string_view agent) const {
  const Session* const session = s_->sessions.Find(agent);
  if (session == nullptr) return {};
  const Work* work = ChooseWork(*session, kEveryChannel);
  return work == nullptr ? std::string_view() : std::string_view(work->id);
}

pb::ExplainInteractionResponse Engine::Explain(std::string_view interaction) const {
  pb::ExplainInteractionResponse out;
  out.set_rule_version(rule_version_);
  *out.mutable_time() = ToProto(last_);
  for (const auto& need : RequirementsOf(interaction)) *out.add_required_skills() = need;
  for (const auto& queue : QueuesOf(interaction)) out.add_queues(queue);
  const auto found = s_->works.find(interaction);
  if (found == s_->works.end() || found->second->view().state() != pb::Interaction::QUEUED) return out;
  const Work& work = *found->second;
  out.mutable_key()->set_priority(work.key.priority);
  *out.mutable_key()->mutable_effective_arrival() = ToProto(At(work.key.effective));
  out.mutable_key()->set_sequence(work.key.sequence);
  const auto sides = SidesOf(work);
  for (const Session* session : s_->sessions.Sorted()) *out.add_verdicts() = VerdictOf(*session, work, sides);
  // Who could take it goes first, in the order of the strategy; then the rest, the nearest first.
  std::sort(out.mutable_verdicts()->begin(), out.mutable_verdicts()->end(), [](const auto& a, const auto& b) {
    if (Open(a) != Open(b)) return Open(a);
    if (Open(a)) return std::tuple(a.rank(), a.agent()) < std::tuple(b.rank(), b.agent());
    return std::tuple(-a.bar(), a.agent()) < std::tuple(-b.bar(), b.agent());
  });
  Keep(*out.mutable_verdicts(), kMostVerdicts);
  return out;
}

pb::ExplainAgentResponse Engine::ExplainAgent(
    std::string_view agent, const std::function<bool(const std::string& client)>& may_see) const {
  pb::ExplainAgentResponse out;
  out.set_rule_version(rule_version_);
  *out.mutable_time() = ToProto(last_);
  const Session* const found = s_->sessions.Find(agent);
  if (found == nullptr) return out;
  const Session& session = *found;
  *out.mutable_session() = session.view();
  std::vector<std::pair<const Work*, pb::Verdict>> verdicts;
  for (const auto& [id, work] : s_->works) {
    if (work->view().state() != pb::Interaction::QUEUED || !may_see(work->view().client())) continue;
    auto verdict = VerdictOf(session, *work, SidesOf(*work));
    if (verdict.bar() != pb::Verdict::QUEUE_NOT_SERVED) verdicts.emplace_back(work.get(), std::move(verdict));
  }
  std::sort(verdicts.begin(), verdicts.end(), [](const auto& a, const auto& b) {
    if (Open(a.second) != Open(b.second)) return Open(a.second);
    const auto priority = [](const auto& each) {
      return Open(each.second) ? each.second.profile_priority() : 0;
    };
    return priority(a) != priority(b) ? priority(a) < priority(b) : a.first->key < b.first->key;
  });
  for (std::size_t i = 0; i < std::min(verdicts.size(), kMostVerdicts); ++i)
    *out.add_verdicts() = std::move(verdicts[i].second);
  return out;
}

}  // namespace carillon::routing::domain
