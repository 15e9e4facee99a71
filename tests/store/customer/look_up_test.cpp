#include <atomic>
#include <catch2/catch.hpp>
#include <random>
#include <thread>

#include "bench.hpp"
#include "redis/tests/server.hpp"

namespace carillon::customer {
namespace {

TEST_CASE("a withheld number is nobody's, however it is written", "[customer][store][cache]") {
  const Call call = ServiceCall(testing::SomeId());
  for (const char* number : {"", "anonymous", "95588", "138****8000"}) {
    const auto answer = LookUp(call, number);
    REQUIRE(answer);
    CHECK(answer->anonymous());
    CHECK(answer->result() == pb::LookUpCallerResponse::NONE);
  }
}

TEST_CASE("a number finds its customer however it is typed, and both of two", "[customer][store][cache]") {
  const Call call = ServiceCall(testing::SomeId());
  const std::string number = ANumber();
  const auto one = Create(call, APerson("李秀英", number));
  REQUIRE(one);
  CHECK(LookUp(call, number)->cards(0).name() == one->name());
  CHECK(LookUp(call, number.substr(3))->cards(0).name() == one->name());
  CHECK(LookUp(call, "0086 " + number.substr(3))->e164_number() == number);
  auto second = APerson("王建国", ANumber());
  *second.add_contacts() = one->contacts(0);
  second.mutable_contacts(1)->set_type(pb::ContactMedium::HOME_PHONE);
  REQUIRE(Create(call, second));
  CHECK(LookUp(call, number)->result() == pb::LookUpCallerResponse::MANY);
}

TEST_CASE("an answer that time changes is not served past its time", "[customer][store][cache]") {
  Call call = ServiceCall(testing::SomeId());
  const auto made = Create(call, APerson("黄志强", ANumber()));
  REQUIRE(made);
  pb::RaiseAlertRequest raise;
  raise.set_parent(made->name());
  raise.mutable_alert()->set_code("FROZEN");
  raise.mutable_alert()->set_severity(pb::Alert::BLOCK);
  *raise.mutable_alert()->mutable_expire_time() = ToProto(call.now + 1h);
  REQUIRE(api::RaiseAlert(call, TheDeps(), raise));
  CHECK(LookUp(call, made->contacts(0).number())->cards(0).alerts_size() == 1);
  CHECK(LookUp(call, made->contacts(0).number())->cards(0).alerts_size() == 1);
  call.now += 1h;
  CHECK(LookUp(call, made->contacts(0).number())->cards(0).alerts_size() == 0);
}

TEST_CASE("readers and writers hammer one customer: no acknowledged write is ever missed",
          "[customer][store][cache]") {
  const Call call = ServiceCall(testing::SomeId());
  const std::string number = ANumber();
  const auto made = Create(call, APerson("李秀英", number));
  REQUIRE(made);
  // Each write raises the year in `brand` by one; a look-up must show at least the last acknowledged one.
  std::atomic<int> acknowledged{0};
  std::atomic<int> stale{0}, reads{0}, failed{0};
  std::atomic<bool> stop{false};
  std::mutex order;  // one writer numbers its value at a time; two are in flight around each other's marks
  int next = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 60; ++i) {
        pb::Customer patch;
        patch.set_name(made->name());
        int value = 0;
        Result<pb::Customer> done = pb::Customer();
        {
          const std::lock_guard lock(order);
          value = ++next;
          patch.set_brand(std::to_string(value));
          done = Update(call, patch, {"brand"});
        }
        if (!done) {
          ++failed;
          continue;
        }
        int seen = acknowledged;
        while (seen < value && !acknowledged.compare_exchange_weak(seen, value)) {
        }
      }
      stop = true;
    });
  }
  // A second kind of writer, which changes other things of the card and marks the same key all the while.
  threads.emplace_back([&] {
    Call own = call;
    while (!stop) {
      own.deadline = std::chrono::steady_clock::now() + 10s;
      if (!events::OnInteractionCompleted(own, TheDeps(),
                                          Completed(made->name(), "agents/" + testing::SomeId()),
                                          {testing::SomeId(), "t", "x", own.now})) {
        ++failed;
      }
    }
  });
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&] {
      while (!stop) {
        const int least = acknowledged;
        const auto answer = LookUp(call, number);
        if (!answer || answer->cards_size() != 1) {
          ++failed;
          continue;
        }
        ++reads;
        if (!answer->cards(0).brand().empty() ? std::stoi(answer->cards(0).brand()) < least : least > 0)
          ++stale;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(stale == 0);
  CHECK(failed == 0);
  CHECK(reads > 100);
  WARN(reads << " look-ups beside 180 updates, " << stale << " stale");
}

TEST_CASE("without Redis everything works, and what it held is not believed when it is back",
          "[customer][store][cache]") {
  redis::OwnServer server;
  const std::string url =
      "redis://:a%20secret%3A%20100%25@127.0.0.1:" + std::to_string(server.address().port) + "/0";
  store::CallerCache callers(url, {.rest = redis::Millis{0}}, AVault());
  Deps deps{App(), AVault(), callers};
  Call call = ServiceCall(testing::SomeId());
  pb::CreateCustomerRequest create;
  *create.mutable_customer() = APerson("李秀英", ANumber());
  const auto made = api::CreateCustomer(call, deps, create);
  REQUIRE(made);
  const std::string number = made->contacts(0).number();
  REQUIRE(LookUp(call, number, deps)->cards(0).brand().empty());
  REQUIRE(LookUp(call, number, deps)->cards(0).brand().empty());  // from the cache
  const auto rename = [&](const std::string& brand) {
    Call own = call;
    own.deadline = std::chrono::steady_clock::now() + 10s;
    pb::UpdateCustomerRequest update;
    update.mutable_customer()->set_name(made->name());
    update.mutable_customer()->set_brand(brand);
    return api::UpdateCustomer(own, deps, update);
  };
  SECTION("dead") {
    server.Kill();
    CHECK(LookUp(call, number, deps)->cards(0).brand().empty());
    REQUIRE(rename("gotone"));
    CHECK(LookUp(call, number, deps)->cards(0).brand() == "gotone");
    server.Start();
    CHECK(LookUp(call, number, deps)->cards(0).brand() == "gotone");
    CHECK(LookUp(call, number, deps)->cards(0).brand() == "gotone");
  }
  SECTION("hanging: look-ups go on, a write that readers might miss is refused") {
    server.Hang();
    const auto before = std::chrono::steady_clock::now();
    CHECK(LookUp(call, number, deps)->cards(0).brand().empty());
    CHECK(std::chrono::steady_clock::now() - before < 1s);
    const auto refused = rename("gotone");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::kUnavailable);
    server.GoOn();
    CHECK(LookUp(call, number, deps)->cards(0).brand().empty());
    REQUIRE(rename("gotone"));
    CHECK(LookUp(call, number, deps)->cards(0).brand() == "gotone");
  }
}

}  // namespace
}  // namespace carillon::customer
