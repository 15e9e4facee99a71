#include "campaign/dialer/dialer.hpp"

int main(int argc, char** argv) { return carillon::host::Main<carillon::dialer::Dialer>(argc, argv); }
