#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "simulator/domain/plan.hpp"

/// The outbound side of a day: when the bank has time to dial, and what the people it rings do. Which of them
/// are rung, when and by whom is up to the platform.
///
/// Talk times and the share of sales are fitted from "Bank Marketing" (S. Moro, P. Cortez, P. Rita, 2014; UCI
/// Machine Learning Repository, CC BY 4.0), 45,211 customers: 5,289 bought (11.70 %); ln(seconds) of the last
/// talk has mean 6.037, deviation 0.726 for those who bought and 5.047, 0.895 for the others; 124,956
/// contacts were needed, so one in 2.76 settled the matter. What the file does not tell (busy, no answer, the
/// reasons of a no) is assumed.
namespace carillon::simulator {

/// The `count` stretches of `length` in which most agents are free, no two within an hour of each other,
/// earliest first, inside 09:00-20:00 and the played part of the day. A day played for less than three hours
/// has one, as long as fits. On whole five minutes. Empty when nobody works then.
std::vector<Window> QuietWindows(const DayPlan& plan, const Window& played, seconds length, int count);

/// What the line of a called customer does.
enum class LineResult { kBusy, kNoAnswer, kInvalidNumber, kPowerOff, kMachine, kAnswered };

/// What a customer who was spoken to says, in campaign's words: SOLD, REFUSED, CALLBACK_BOOKED …
struct OutboundPlan {
  LineResult line = LineResult::kAnswered;
  double rings_s = 10;      ///< until the line does what it does
  std::string disposition;  ///< of the conversation, when there is one
  double call_again_s = 0;  ///< from the end of the conversation, with CALLBACK_BOOKED
  PlannedCall call;         ///< patience until an agent comes, talk, wrap-up, work order of a sale
};

/// How the `nth` ring (from 1) at `number` goes. The same seed, number and nth give the same answer whichever
/// campaign rings and whenever. A number without service stays so; who `promised` to be there mostly is.
OutboundPlan Rung(const Random& random, const std::string& number, int nth, bool promised);

/// When to call again: about `wish` seconds after `now`, at least five minutes; where that leaves less than
/// five minutes of the window, so long after the next one's beginning; nothing when no window is left.
/// Seconds from local midnight, on whole minutes.
std::optional<seconds> CallAgainAt(const std::vector<Window>& windows, seconds now, double wish);

/// A bank calls its customers in waves, another one each day, so that nobody is called every day: about two
/// hundred customers a wave, at least four waves.
int WaveCount(std::size_t customers);
/// The wave of the customer at `index`.
int WaveOf(std::size_t index, std::size_t customers);
/// As a customer's segment says it: "3 of 10".
std::string WaveName(int wave, std::size_t customers);

}  // namespace carillon::simulator
