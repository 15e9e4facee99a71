#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "calendar/time_zone.hpp"
#include "carillon/knowledge/v1/phrase.pb.h"

/// What is said in which scene, filled in for a conversation, and what is never said.
namespace carillon::knowledge::domain {

namespace pb = carillon::knowledge::v1;

/// The trade's phrases in every language they are shipped in (`phrases/*.json`), by scene in the order they
/// are said.
const std::vector<pb::Phrase>& ShippedPhrases();

/// The phrases in force for a client (name, or empty): its own wording before the tenant's, that before the
/// shipped one. A language nobody has a wording in is answered in English. `own` are the tenant's wordings
/// that the caller may see.
std::vector<pb::Phrase> InForce(const std::vector<pb::Phrase>& own, std::string_view client,
                                std::string_view language);

/// What a conversation gives to the variables; an empty value leaves its variable as it stands.
struct Values {
  std::string company, agent, salutation, greeting;
};

/// Whether it is said on that channel; no channel is no matter.
bool SaidOn(const pb::Phrase& phrase, type::v1::Channel channel);

/// "早上好" and so on by the wall clock; of English for every language without an own one.
std::string GreetingAt(TimePoint now, const calendar::TimeZone& zone, std::string_view language);

/// The phrase with filled_text and unfilled.
pb::Phrase Filled(pb::Phrase phrase, const Values& values);

/// PHRASE_INVALID: a TABOO one needs alternatives, others have none; only known variables stand in braces.
Result<void> RequireSound(const pb::Phrase& phrase);

/// What of a folded text counts when it is looked through: letters, digits and characters; between Latin
/// words one space.
std::string Bare(std::string_view folded);

/// A taboo phrase and its Bare text.
struct Taboo {
  pb::Phrase phrase;
  std::string bare;
};

/// The taboo phrases in a Bare text, in the order they stand there.
std::vector<pb::TabooFinding> TaboosIn(std::string_view bare, const std::vector<Taboo>& taboos);

}  // namespace carillon::knowledge::domain
