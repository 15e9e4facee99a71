#include "simulator/domain/menu.hpp"

#include <catch2/catch.hpp>

namespace carillon::simulator {
namespace {

const std::vector<std::string> kBankMenu = {
    "账户查询请按1，电话银行请按2，信用卡请按3，网上银行请按4，缴费通请按5，长话通服务请按6，业务咨询请按7，"
    "投诉请按8，"
    "人工服务请按0。"};

TEST_CASE("callers press the key said after the words of their need", "[simulator][menu]") {
  CHECK(KeyFor(kBankMenu, Need::kBalance) == "1");
  CHECK(KeyFor(kBankMenu, Need::kRegular) == "0");
  CHECK(KeyFor(kBankMenu, Need::kInternet) == "4");
  CHECK(KeyFor(kBankMenu, Need::kStock) == "2");
  CHECK(KeyFor(kBankMenu, Need::kProspect) == "7");
  CHECK(KeyFor(kBankMenu, Need::kEnglish) == "0");
  CHECK(KeyFor({"目前等待的客户较多。如需我们稍后回拨给您请按1，继续等待请按2。"}, Need::kStock) == "2");
  CHECK(KeyFor({"欢迎光临"}, Need::kRegular).empty());
  CHECK(KeyFor({"For an operator press 0"}, Need::kRegular) == "0");
}

TEST_CASE("a password is keyed only when it is asked for", "[simulator][menu]") {
  CHECK(AsksForPassword({"请输入六位服务密码，以井号键结束"}));
  CHECK(AsksForPassword({"请输入您的服务密码"}));
  CHECK_FALSE(AsksForPassword(kBankMenu));
  CHECK_FALSE(AsksForPassword({"密码服务请按7"}));
}

}  // namespace
}  // namespace carillon::simulator
