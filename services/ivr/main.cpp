#include "ivr/service.hpp"

int main(int argc, char** argv) { return carillon::host::Main<carillon::ivr::Service>(argc, argv); }
