#include "host/host.hpp"
#include "insight/service.hpp"

int main(int argc, char** argv) { return carillon::host::Main<carillon::insight::Service>(argc, argv); }
