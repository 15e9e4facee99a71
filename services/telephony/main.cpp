#include "telephony/service.hpp"

int main(int argc, char** argv) { return carillon::host::Main<carillon::telephony::Service>(argc, argv); }
